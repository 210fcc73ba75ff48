//! A laptop without a window: one command a line on standard input, one answer a line on standard output.
//! `{"command":"unlock","args":{"pin":"123456"}}` → `{"ok":{…}}` or `{"failure":{…}}`.

use std::io::{BufRead, Write};

use serde_json::{Value, json};

fn main() -> anyhow::Result<()> {
    if field_scan::run_if_worker() {
        return Ok(());
    }
    let desk = world::bench::desk_from_environment();
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        let command = asked["command"].as_str().unwrap_or_default();
        let answer = match command {
            "sync_and_wait" => desk.sync_and_wait().map(|view| json!(view)),
            command => desk.dispatch(command, asked["args"].clone()),
        };
        let line = match answer {
            Ok(answer) => json!({ "ok": answer }),
            Err(failure) => json!({ "failure": failure }),
        };
        writeln!(out, "{line}")?;
        out.flush()?;
    }
    Ok(())
}
