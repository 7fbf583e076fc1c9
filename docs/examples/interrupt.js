#!/usr/bin/env gjs
// SPDX-License-Identifier: LGPL-2.1-or-later
// Interrupts a process and waits for its end, with promises.

imports.gi.versions.Proctor = '1.0';
const {Gio, GLib, Proctor} = imports.gi;

Gio._promisify(Proctor.Manager, 'new_embedded_async', 'new_embedded_finish');
for (const name of ['start', 'shutdown', 'close'])
    Gio._promisify(Proctor.Manager.prototype, `${name}_async`, `${name}_finish`);
for (const name of ['send_signal', 'wait'])
    Gio._promisify(Proctor.Process.prototype, `${name}_async`, `${name}_finish`);

// All-ones, which means for ever, is no number of JavaScript; 285 years will do.
const FOREVER = Number.MAX_SAFE_INTEGER;

async function main() {
    const manager = await Proctor.Manager.new_embedded_async(null);
    try {
        const config = Proctor.ProcessConfig.new(['sleep', '600']);
        config.set_name('test_script');

        const process = await manager.start_async(config, null);
        print(`started: ${process.name}`);
        print(`interrupt sent: ${await process.send_signal_async('interrupt', null)}`);

        const [exitCode, result] = await process.wait_async(FOREVER, null);
        print(`ended: ${Proctor.result_to_string(result)} ${exitCode}`);
        try {
            await process.send_signal_async('interrupt', null);
        } catch (error) {
            if (!error.matches(Proctor.Error, Proctor.Error.NOT_RUNNING))
                throw error;
            print('a finished process gets no signal');
        }
    } finally {
        await manager.shutdown_async(null);
        await manager.close_async(null);
    }
}

const loop = GLib.MainLoop.new(null, false);
let status = 0;
main().catch(error => {
    logError(error);
    status = 1;
}).finally(() => loop.quit());
loop.run();
imports.system.exit(status);
