// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is known of the chosen process: its facts, its last output, and what it was doing when it
// hung. Output is asked for again only when more of it has come.

import * as format from "./format.js";

const shown = { path: null, output: null };

function facts_of(process) {
    const finished = process.State === "finished";
    return [
        ["Command", format.command_line(process.Command)],
        ["Directory", process.WorkingDirectory],
        ["Started", format.moment(process.StartTimestamp)],
        ["Ended", finished ? `${format.moment(process.ExitTimestamp)}, ` +
                             format.ending(process.Result, process.ExitCode) : ""],
        ["Says", process.StatusText],
        ["Waits for input", process.WaitingForInput ? process.Prompt || "yes" : ""],
        ["Last sign of life", finished ? "" : `${format.moment(process.LastActivityTimestamp)} ` +
                                              `(${process.LastActivitySource || "start"})`],
        ["Hung after", finished ? "" : process.Watched
            ? `${format.duration(process.TimeoutUSec)} and ${format.duration(process.ExtraBufferUSec)}` +
              (process.AutoKill ? ", then it is ended" : "") : "not watched"],
        ["Tasks", finished ? "" : String(process.NTasks)],
        ["Containment", { "cgroup": "control group", "subreaper": "tree (subreaper)",
                        "process-group": "process group" }[process.Containment]],
        ["Group", process.Group && process.Group !== "/" ? process.Group : ""],
    ].filter(([, text]) => text);
}

function fill_facts(list, process) {
    list.replaceChildren(...facts_of(process).flatMap(([name, text]) => {
        const term = document.createElement("dt");
        const value = document.createElement("dd");
        term.textContent = name;
        value.textContent = text;
        return [term, value];
    }));
}

async function fill_output(service, process, section) {
    const seen = `${process.path} ${process.StdoutBytes} ${process.StderrBytes}`;
    if (shown.output === seen)
        return;
    shown.output = seen;
    for (const stream of ["stdout", "stderr"]) {
        const pre = section.querySelector(`.${stream}`);
        let text = "";
        try {
            text = await service.output(process.path, stream);
        } catch {
            // not captured, or forgotten meanwhile
        }
        if (shown.path !== process.path)
            return;
        const at_end = pre.scrollTop + pre.clientHeight >= pre.scrollHeight - 4;
        pre.textContent = text;
        pre.hidden = pre.previousElementSibling.hidden = text === "";
        if (at_end)
            pre.scrollTop = pre.scrollHeight;
    }
}

function task_line(task) {
    const value = key => task[key]?.v;
    return [`${value("PID")}/${value("TID")} ${value("Name")}: ${value("State")}`,
            value("WaitChannel") ? ` in ${value("WaitChannel")}` : "",
            value("SystemCall") ? ` (${value("SystemCall")})` : ""].join("");
}

async function fill_dossier(service, process, section) {
    const pre = section.querySelector(".dossier");
    let text = "";
    if (process.Health === "hung" || process.Result === "hang") {
        try {
            const dossier = await service.dossier(process.path);
            text = (dossier.Tasks || []).map(task_line).join("\n");
        } catch {
            // none was taken
        }
    }
    pre.textContent = text;
    pre.hidden = pre.previousElementSibling.hidden = text === "";
}

function heading(text) {
    const element = document.createElement("h3");
    element.textContent = text;
    element.hidden = true;
    return element;
}

function pre(name) {
    const element = document.createElement("pre");
    element.className = name;
    element.hidden = true;
    return element;
}

function make(service, process, section, act) {
    const bar = document.createElement("div");
    const title = document.createElement("h2");
    const collect = document.createElement("button");
    bar.className = "bar";
    title.textContent = `${process.Name} (${process.Id})`;
    collect.type = "button";
    collect.className = "collect";
    collect.textContent = "Forget";
    collect.addEventListener("click", () => act(service.collect(process.path)));
    bar.append(title, collect);
    section.replaceChildren(bar, document.createElement("dl"),
                            heading("When it hung"), pre("dossier"),
                            heading("Output"), pre("stdout"), heading("Errors"), pre("stderr"));
}

export function show_details(service, process, act) {
    const section = document.getElementById("details");
    section.hidden = !process;
    if (!process) {
        shown.path = shown.output = null;
        return;
    }
    if (shown.path !== process.path) {
        shown.path = process.path;
        shown.output = shown.dossier = null;
        make(service, process, section, act);
    }
    fill_facts(section.querySelector("dl"), process);
    section.querySelector(".collect").hidden = process.State !== "finished";
    fill_output(service, process, section);
    const key = `${process.Health} ${process.Result}`;
    if (shown.dossier !== key)
        fill_dossier(service, process, section);
    shown.dossier = key;
}
