// SPDX-License-Identifier: LGPL-2.1-or-later
//
// proctord as this page sees it: its objects with their properties, kept true by the signals of the
// object manager, and the calls. Speaks over cockpit's own D-Bus channel; knows no element of the page.

const cockpit = window.cockpit;

const NAME = "org.proctor1";
const ROOT = "/org/proctor1";
const PROCESS = "org.proctor1.Process";
const GROUP = "org.proctor1.Group";
const OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager";
const PROPERTIES = "org.freedesktop.DBus.Properties";

// How many a look asks for what only moves when it is asked for: CPU, memory, last activity.
const SAMPLE_MAX = 100;

function plain(properties) {
    return Object.fromEntries(Object.entries(properties).map(([key, variant]) => [key, variant.v]));
}

export class Service {
    // changed(): something that is shown has changed. failed(error): the service cannot be used;
    // null: it can again.
    constructor(changed, failed) {
        this.processes = new Map();
        this.groups = new Map();
        this.users = new Map();
        this.changed = changed;
        this.failed = failed;
        this.clock_offset_usec = 0;
        this.compare_clocks();
        this.connect();
    }

    // The browser may be far away and its clock wrong; times of the service are the machine's.
    async compare_clocks() {
        try {
            const usec = Number(await cockpit.spawn(["date", "+%s%6N"]));
            this.clock_offset_usec = usec - Date.now() * 1000;
        } catch {
            // then the browser's clock has to do
        }
    }

    // The name of a user; his number until it is known, or if he has none.
    user_name(uid) {
        if (!this.users.has(uid)) {
            this.users.set(uid, String(uid));
            cockpit.spawn(["getent", "passwd", String(uid)]).then(line => {
                this.users.set(uid, line.split(":")[0]);
                this.changed();
            }).catch(() => {});
        }
        return this.users.get(uid);
    }

    now_usec() {
        return Date.now() * 1000 + this.clock_offset_usec;
    }

    connect() {
        this.client = cockpit.dbus(NAME, { bus: "system", superuser: "try" });
        this.client.addEventListener("close", (event, options) => this.lose(options));
        this.client.addEventListener("owner", (event, owner) => {
            if (owner)
                this.load();
            else
                this.lose({ message: "The service has ended." });
        });
        this.client.subscribe({ path_namespace: ROOT },
                              (path, iface, signal, args) => this.hear(path, iface, signal, args));
        this.load();
    }

    reconnect() {
        this.client.close();
        this.connect();
    }

    lose(error) {
        this.processes.clear();
        this.groups.clear();
        this.failed(error);
        this.changed();
    }

    async load() {
        try {
            const [objects] = await this.client.call(ROOT, OBJECT_MANAGER, "GetManagedObjects", []);
            this.processes.clear();
            this.groups.clear();
            for (const [path, interfaces] of Object.entries(objects))
                this.add(path, interfaces);
            this.failed(null);
            this.changed();
        } catch (error) {
            this.lose(error);
        }
    }

    add(path, interfaces) {
        if (interfaces[PROCESS])
            this.processes.set(path, { path, ...plain(interfaces[PROCESS]) });
        if (interfaces[GROUP])
            this.groups.set(path, { path, ...plain(interfaces[GROUP]) });
    }

    hear(path, iface, signal, args) {
        if (iface === OBJECT_MANAGER && signal === "InterfacesAdded") {
            this.add(args[0], args[1]);
        } else if (iface === OBJECT_MANAGER && signal === "InterfacesRemoved") {
            this.processes.delete(args[0]);
            this.groups.delete(args[0]);
        } else if (iface === PROPERTIES && signal === "PropertiesChanged") {
            const object = args[0] === GROUP ? this.groups.get(path) : this.processes.get(path);
            if (!object || (args[0] !== GROUP && args[0] !== PROCESS))
                return;
            Object.assign(object, plain(args[1]));
        } else {
            return;
        }
        this.changed();
    }

    // Looks at these processes once more, and computes what per second is.
    async sample(paths) {
        const wanted = paths.filter(path => this.processes.get(path)?.State !== "finished");
        await Promise.all(wanted.slice(0, SAMPLE_MAX).map(path => this.sample_one(path)));
        this.changed();
    }

    async sample_one(path) {
        try {
            const [properties] = await this.client.call(path, PROPERTIES, "GetAll", [PROCESS]);
            const object = this.processes.get(path);
            if (!object)
                return;
            const before = object.sampled;
            Object.assign(object, plain(properties));
            object.seen_usec = this.now_usec();
            object.sampled = {
                at: performance.now() * 1e6,
                cpu: object.CPUUsageNSec,
                output: object.StdoutBytes + object.StderrBytes,
            };
            if (before) {
                const nsec = object.sampled.at - before.at;
                object.cpu = Math.max(0, object.sampled.cpu - before.cpu) / nsec;
                object.rate = Math.max(0, object.sampled.output - before.output) * 1e9 / nsec;
            }
        } catch {
            // it has gone meanwhile, and its removal is on the way
        }
    }

    call(path, iface, method, args) {
        return this.client.call(path, `${NAME}.${iface}`, method, args);
    }

    start(command, options) {
        return this.call(ROOT, "Manager", "StartProcess", [command, options]);
    }

    stop(path, force) {
        return this.call(path, "Process", "Stop", [force]);
    }

    signal(path, name) {
        return this.call(path, "Process", "SendSignal", [name]);
    }

    collect(path) {
        return this.call(path, "Process", "Collect", []);
    }

    forget_finished() {
        return this.call(ROOT, "Manager", "CleanupFinished", []);
    }

    start_group(path) {
        return this.call(path, "Group", "StartAll", []);
    }

    stop_group(path) {
        return this.call(path, "Group", "StopAll", [false]);
    }

    // What is kept of a stream, as text.
    async output(path, stream) {
        const [data] = await this.call(path, "Process", "ReadOutput", [stream, 0, 65536]);
        return new TextDecoder().decode(cockpit.base64_decode(data, Uint8Array));
    }

    async dossier(path) {
        const [dossier] = await this.call(path, "Process", "GetDossier", []);
        return plain(dossier);
    }
}
