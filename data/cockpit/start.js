// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The dialog that starts a process. What the service refuses is said in the dialog, which stays open
// with everything that was typed.

import { split_words } from "./format.js";

function environment_of(text) {
    const environment = {};
    for (const line of text.split("\n").filter(line => line.trim())) {
        const at = line.indexOf("=");
        if (at < 1)
            throw new Error(`Not NAME=VALUE: ${line}`);
        environment[line.slice(0, at).trim()] = line.slice(at + 1);
    }
    return environment;
}

function options_of(fields) {
    const options = {};
    const set = (key, type, value) => { options[key] = { t: type, v: value } };
    const environment = environment_of(fields.environment.value);
    if (fields.name.value)
        set("Name", "s", fields.name.value);
    if (fields.directory.value)
        set("WorkingDirectory", "s", fields.directory.value);
    if (fields.user.value)
        set("User", "s", fields.user.value);
    if (fields.timeout.value)
        set("TimeoutUSec", "t", Number(fields.timeout.value) * 1e6);
    if (Object.keys(environment).length > 0)
        set("Environment", "a{ss}", environment);
    if (!fields.autokill.checked)
        set("AutoKill", "b", false);
    return options;
}

export function setup_start(service) {
    const dialog = document.getElementById("start-dialog");
    const form = document.getElementById("start-form");
    const alert = document.getElementById("start-error");

    document.getElementById("start").addEventListener("click", () => {
        alert.hidden = true;
        dialog.showModal();
    });
    document.getElementById("start-cancel").addEventListener("click", () => dialog.close());
    form.addEventListener("submit", async event => {
        event.preventDefault();
        alert.hidden = true;
        try {
            const command = split_words(form.elements.command.value);
            await service.start(command, options_of(form.elements));
            form.reset();
            dialog.close();
        } catch (error) {
            alert.textContent = error.message || String(error);
            alert.hidden = false;
        }
    });
}
