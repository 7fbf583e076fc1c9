// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How numbers, times and ends of processes are written for people. Knows neither bus nor page.

// "Never" is all ones on the bus; JavaScript's numbers round it.
const NEVER = 2 ** 63;

export function is_never(usec) {
    return usec >= NEVER;
}

export function duration(usec) {
    if (is_never(usec))
        return "never";
    const sec = usec / 1e6;
    if (sec < 10)
        return `${sec.toFixed(1)} s`;
    if (sec < 120)
        return `${Math.round(sec)} s`;
    if (sec < 7200)
        return `${Math.round(sec / 60)} min`;
    if (sec < 172800)
        return `${Math.round(sec / 3600)} h`;
    return `${Math.round(sec / 86400)} d`;
}

export function bytes(count) {
    if (count === undefined || is_never(count))
        return "";
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let unit = 0;
    while (count >= 1024 && unit < units.length - 1) {
        count /= 1024;
        unit++;
    }
    return `${unit === 0 || count >= 100 ? Math.round(count) : count.toFixed(1)} ${units[unit]}`;
}

export function moment(usec) {
    return usec > 0 && !is_never(usec) ? new Date(usec / 1000).toLocaleString() : "";
}

const RESULTS = {
    "success": "finished",
    "exit-code": "failed",
    "signal": "ended by a signal",
    "core-dump": "crashed",
    "stopped": "stopped",
    "hang": "ended as hung",
    "runtime-limit": "ended, ran too long",
    "start-timeout": "ended, not ready in time",
    "owner-lost": "ended with its owner",
    "lost": "lost",
};

// How it ended, in words and with the number that scripts look at.
export function ending(result, exit_code) {
    const words = RESULTS[result] || result;
    if (result === "success" || result === "lost")
        return words;
    return exit_code < 0 ? `${words} (signal ${-exit_code})` : `${words} (${exit_code})`;
}

// A word of a command line as one would type it.
function quote(word) {
    return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export function command_line(words) {
    return (words || []).map(quote).join(" ");
}

// Splits as a shell does: blanks, single and double quotes, backslash. Throws what is wrong.
export function split_words(line) {
    const words = [];
    let word = null;
    let quoted = null;
    for (let i = 0; i < line.length; i++) {
        const c = line[i];
        if (c === "\\" && quoted !== "'") {
            if (++i === line.length)
                throw new Error("The command ends with a backslash.");
            // inside double quotes a backslash is one, unless it protects something
            word = (word ?? "") + (quoted && !'"\\$`'.includes(line[i]) ? "\\" : "") + line[i];
        } else if (quoted) {
            if (c === quoted)
                quoted = null;
            else
                word += c;
        } else if (c === "'" || c === '"') {
            quoted = c;
            word = word ?? "";
        } else if (/\s/.test(c)) {
            if (word !== null)
                words.push(word);
            word = null;
        } else {
            word = (word ?? "") + c;
        }
    }
    if (quoted)
        throw new Error("A quote in the command is not closed.");
    if (word !== null)
        words.push(word);
    return words;
}
