// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The page: a table of processes and of groups that follows the service, what is known of the chosen
// process, and the verbs. Everything that comes from a process (names, commands, output) goes into
// the page as text, never as markup.

import { Service } from "./service.js";
import { show_details } from "./details.js";
import { setup_start } from "./start.js";
import * as format from "./format.js";

const SAMPLE_EVERY_MSEC = 2000;
const SIGNALS = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGSTOP", "SIGCONT", "SIGKILL"];

const $ = id => document.getElementById(id);

const view = { key: "id", down: true, selected: null, rows: new Map(), planned: false };
const service = new Service(plan, fail);

function fail(error) {
    const alert = $("alert");
    alert.hidden = !error;
    $("processes").hidden = $("groups").hidden = !!error;
    if (!error)
        return;
    const absent = /not-found|ServiceUnknown|NameHasNoOwner/.test(`${error.problem} ${error.name}`);
    alert.textContent = absent
        ? "The proctor service is not installed or not running: systemctl start proctord "
        : `The proctor service cannot be reached: ${error.message || error.problem} `;
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = "Try again";
    again.addEventListener("click", () => service.reconnect());
    alert.append(again);
}

function complain(error) {
    const alert = $("alert");
    alert.textContent = error.message || String(error);
    alert.hidden = false;
}

// Runs a verb; an error is told, and the next verb clears it.
async function act(promise) {
    $("alert").hidden = true;
    try {
        await promise;
    } catch (error) {
        complain(error);
    }
}

function idle_of(process) {
    if (process.State === "finished" || !process.LastActivityTimestamp)
        return 0;
    // between two looks it may have shown life without our knowing
    return Math.max(0, (process.seen_usec || service.now_usec()) - process.LastActivityTimestamp);
}

function sort_value(process) {
    switch (view.key) {
    case "name": return process.Name;
    case "pid": return process.PID;
    case "owner": return service.user_name(process.Owner);
    case "state": return `${process.State} ${process.Health}`;
    case "idle": return idle_of(process);
    case "cpu": return process.cpu || 0;
    case "memory": return process.State === "finished" ? 0 : process.MemoryCurrent;
    case "rate": return process.rate || 0;
    case "command": return process.Command.join(" ");
    default: return process.Id;
    }
}

function compare(a, b) {
    const x = sort_value(a), y = sort_value(b);
    const order = x < y ? -1 : x > y ? 1 : a.Id - b.Id;
    return view.down ? -order : order;
}

function is_shown(process) {
    const words = $("filter").value.toLowerCase().split(/\s+/).filter(word => word);
    const text = `${process.Name} ${process.PID} ${process.Command.join(" ")}`.toLowerCase();
    if (process.State === "finished" && !$("show-finished").checked)
        return false;
    return words.every(word => text.includes(word));
}

function state_of(process) {
    if (process.State === "finished")
        return [format.ending(process.Result, process.ExitCode),
                process.Result === "success" || process.Result === "stopped" ? "done" : "bad"];
    if (process.State === "stopping")
        return ["stopping", "warn"];
    if (process.WaitingForInput)
        return ["waits for input", "warn"];
    if (process.Watched && process.Health !== "active")
        return [process.Health, process.Health === "hung" ? "bad" : "warn"];
    return ["running", "good"];
}

function button(text, action, label) {
    const element = document.createElement("button");
    element.type = "button";
    element.textContent = text;
    if (label)
        element.setAttribute("aria-label", label);
    element.addEventListener("click", event => {
        event.stopPropagation();
        action();
    });
    return element;
}

function actions_of(path, name) {
    const menu = document.createElement("select");
    menu.setAttribute("aria-label", `Signal for ${name}`);
    menu.append(new Option("Signal…", ""), ...SIGNALS.map(signal => new Option(signal)));
    menu.addEventListener("click", event => event.stopPropagation());
    menu.addEventListener("change", () => {
        const signal = menu.value;
        menu.value = "";
        if (signal)
            act(service.signal(path, signal));
    });
    return [button("Stop", () => act(service.stop(path, false)), `Stop ${name}`),
            button("Kill", () => act(service.stop(path, true)), `Kill ${name}`), menu];
}

function make_row(process) {
    const row = document.createElement("tr");
    for (const column of document.querySelectorAll("#processes th")) {
        const cell = row.insertCell();
        cell.className = column.classList.contains("number") ? "number" : column.dataset.key || "actions";
    }
    row.dataset.path = process.path;
    row.tabIndex = 0;
    row.addEventListener("click", () => select(process.path));
    row.addEventListener("keydown", event => {
        if (event.key === "Enter" && event.target === row)
            select(process.path);
    });
    row.cells[9].append(...actions_of(process.path, process.Name));
    return row;
}

function set_text(cell, text) {
    if (cell.textContent !== text)
        cell.textContent = text;
}

function fill_row(row, process) {
    const finished = process.State === "finished";
    const [state, colour] = state_of(process);
    const cells = row.cells;
    set_text(cells[0], process.Name);
    set_text(cells[1], String(process.PID));
    set_text(cells[2], service.user_name(process.Owner));
    if (cells[3].textContent !== state) {
        const badge = document.createElement("span");
        badge.className = `badge ${colour}`;
        badge.textContent = state;
        cells[3].replaceChildren(badge);
    }
    set_text(cells[4], finished ? "" : format.duration(idle_of(process)));
    set_text(cells[5], finished || process.cpu === undefined ? "" : `${(process.cpu * 100).toFixed(0)} %`);
    set_text(cells[6], finished ? "" : format.bytes(process.MemoryCurrent));
    set_text(cells[7], finished || !process.rate ? "" : `${format.bytes(process.rate)}/s`);
    set_text(cells[8], format.command_line(process.Command));
    cells[8].title = cells[8].textContent;
    for (const element of cells[9].children)
        element.disabled = finished;
    row.classList.toggle("selected", process.path === view.selected);
    row.classList.toggle("finished", finished);
}

function draw_processes() {
    const shown = [...service.processes.values()].filter(is_shown).sort(compare);
    const body = $("rows");
    for (const [path, row] of view.rows) {
        if (!service.processes.has(path)) {
            row.remove();
            view.rows.delete(path);
        }
    }
    const rows = shown.map(process => {
        if (!view.rows.has(process.path))
            view.rows.set(process.path, make_row(process));
        const row = view.rows.get(process.path);
        fill_row(row, process);
        return row;
    });
    // moving a row that has the focus would take the focus away
    if (rows.length !== body.rows.length || rows.some((row, i) => body.rows[i] !== row))
        body.replaceChildren(...rows);
    $("empty").hidden = rows.length > 0;
    $("empty").textContent = service.processes.size === 0
        ? "No process is supervised." : "No process matches.";
}

function draw_groups() {
    const groups = [...service.groups.values()];
    const body = $("group-rows");
    const running = path => [...service.processes.values()]
        .filter(process => process.Group === path && process.State !== "finished").length;
    $("groups").hidden = groups.length === 0;
    body.replaceChildren(...groups.map(group => {
        const row = document.createElement("tr");
        for (const text of [group.Name, group.State, String(running(group.path)), group.Members.join(", ")])
            row.insertCell().textContent = text;
        row.cells[2].className = "number";
        const cell = row.insertCell();
        cell.className = "actions";
        cell.append(button("Start", () => act(service.start_group(group.path)), `Start group ${group.Name}`),
                    button("Stop", () => act(service.stop_group(group.path)), `Stop group ${group.Name}`));
        return row;
    }));
}

function draw_summary() {
    const processes = [...service.processes.values()];
    const running = processes.filter(process => process.State !== "finished");
    const hung = running.filter(process => process.Watched && process.Health === "hung");
    $("summary").textContent = `${running.length} running, ${processes.length - running.length} finished` +
                               (hung.length ? `, ${hung.length} hung` : "");
    $("forget").disabled = running.length === processes.length;
}

function draw() {
    view.planned = false;
    draw_summary();
    draw_processes();
    draw_groups();
    show_details(service, service.processes.get(view.selected), act);
}

// A burst of signals is one drawing.
function plan() {
    if (!view.planned)
        requestAnimationFrame(draw);
    view.planned = true;
}

function select(path) {
    view.selected = view.selected === path ? null : path;
    plan();
}

function sort_by(key) {
    view.down = view.key === key ? !view.down : key !== "name" && key !== "command";
    view.key = key;
    for (const column of document.querySelectorAll("#processes th"))
        column.setAttribute("aria-sort", column.dataset.key !== key ? "none"
            : view.down ? "descending" : "ascending");
    plan();
}

for (const column of document.querySelectorAll("#processes th[data-key]"))
    column.addEventListener("click", () => sort_by(column.dataset.key));
$("filter").addEventListener("input", plan);
$("show-finished").addEventListener("change", plan);
$("forget").addEventListener("click", () => act(service.forget_finished()));
setup_start(service);
setInterval(() => {
    if (!document.hidden)
        service.sample([...$("rows").rows].map(row => row.dataset.path));
}, SAMPLE_EVERY_MSEC);
