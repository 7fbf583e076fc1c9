// SPDX-License-Identifier: LGPL-2.1-or-later
// Starts two processes and waits for both, in an asynchronous method: each yield goes back to the
// main loop until there is an answer.

async Proctor.Process start (Proctor.Manager manager, string name, string[] command) throws Error {
        var config = new Proctor.ProcessConfig (command);

        config.set_name (name);
        return yield manager.start_async (config, null);
}

async void finish (Proctor.Process process) throws Error {
        int exit_code;
        Proctor.Result result;

        yield process.wait_async (Proctor.INFINITY, null, out exit_code, out result);
        print ("%s: %s %d\n", process.name, result.to_string (), exit_code);
}

async void run () throws Error {
        var manager = yield Proctor.Manager.new_embedded_async (null);

        var sleeping = yield start (manager, "sleep1", { "sleep", "0.2" });
        var echoing = yield start (manager, "echo1", { "echo", "hello" });
        yield finish (sleeping);
        yield finish (echoing);
        print ("it said: %s", yield echoing.read_last_output_async ("stdout", 1, null));
        yield manager.shutdown_async (null);
        yield manager.close_async (null);
}

int main () {
        var loop = new MainLoop ();
        var status = 0;

        run.begin ((object, result) => {
                try {
                        run.end (result);
                } catch (Error error) {
                        printerr ("%s\n", error.message);
                        status = 1;
                }
                loop.quit ();
        });
        loop.run ();
        return status;
}
