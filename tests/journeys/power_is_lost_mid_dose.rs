use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use world::{Dice, PIN, World, astrazeneca};

#[test]
fn a_saved_dose_is_there_when_the_power_comes_back_and_is_sealed_at_the_next_unlock() {
    let world = World::seeded(4);
    let alley = world.laptop("hem 42");
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let dose = alley.gives(&khai, &astrazeneca(1));
    let alley = alley.loses_power();
    assert_eq!(alley.desk.status().unwrap().unsealed, 2);
    let citizen = alley.scans(&khai);
    assert_eq!(alley.doses_of(&citizen), std::slice::from_ref(&dose));
    alley.syncs();
    assert_eq!(world.nation().doses_of(&citizen), [dose]);
}

/// A laptop in a process of its own, told what to do line by line.
struct Process {
    child: Child,
    hear: BufReader<std::process::ChildStdout>,
}

impl Process {
    fn start(folder: &std::path::Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_headless"))
            .env("SO_TIEM_DATA", folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let hear = BufReader::new(child.stdout.take().unwrap());
        Self { child, hear }
    }

    fn tell(&mut self, command: &str, args: &Value) {
        let line = json!({ "command": command, "args": args });
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The answer, or nothing when the process is gone.
    fn hear(&mut self) -> Option<Value> {
        let mut line = String::new();
        (self.hear.read_line(&mut line).ok()? > 0).then(|| serde_json::from_str(&line).ok()).flatten()
    }

    fn ask(&mut self, command: &str, args: &Value) -> Value {
        self.tell(command, args);
        let answer = self.hear().unwrap();
        assert!(answer["failure"].is_null(), "{command}: {answer}");
        answer["ok"].clone()
    }

    fn doses_of(&mut self, citizen: &str) -> Vec<String> {
        let view = self.ask("open_citizen", &json!({ "citizen": citizen }));
        let doses = view["doses"].as_array().unwrap().iter();
        doses.filter_map(|dose| dose["statement"].as_str().map(ToOwned::to_owned)).collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Each round pours a stream of doses into a real process and kills it at a moment drawn by dice, while
/// answers come. Every answer that said "saved" must be true in the next round.
#[test]
fn no_dose_that_said_saved_is_lost_when_the_process_is_killed() {
    const ROUNDS: usize = 40;
    let world = World::seeded(5);
    let dice = Dice::seeded(5);
    let alley = world.laptop("hem 42");
    let people: Vec<String> = (0..8).map(|_| alley.scans(&world.citizen("Lê Thị Bình", "1971-01-01"))).collect();
    alley.desk.lock().unwrap();
    let mut saved: BTreeSet<String> = BTreeSet::new();
    for round in 0..=ROUNDS {
        let mut process = Process::start(&alley.folder);
        process.ask("unlock", &json!({ "pin": PIN }));
        let there: BTreeSet<String> = people.iter().flat_map(|person| process.doses_of(person)).collect();
        assert!(saved.is_subset(&there), "round {round}: a saved dose is gone");
        // A dose that was on disk before the word of it got out counts as well.
        saved = there;
        let state = process.ask("sync_state", &Value::Null);
        let said = people.len() + saved.len();
        assert_eq!(state["log_head"].as_u64(), Some(said as u64), "round {round}: the log has a hole");
        if round == ROUNDS {
            break;
        }
        let draft = json!({
            "citizen": people[round % people.len()], "product": "astrazeneca", "lot": "PV46664", "lot_expiry": null,
            "number": 1, "body_site": "left_arm", "route": "im",
        });
        let every =
            ["too_soon", "already_complete", "not_in_series", "number_already_given", "lot_expired", "dose_today"];
        for _ in 0..12 {
            process.tell("give_dose", &json!({ "draft": draft, "in_spite_of": every }));
        }
        // Some answers are waited for, and a little longer, then the axe falls while the rest is being written.
        for _ in 0..dice.below(5) {
            let answer = process.hear().unwrap();
            saved.insert(answer["ok"]["statement"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned());
        }
        for _ in 0..dice.below(2_000) {
            std::thread::yield_now();
        }
        process.child.kill().unwrap();
        while let Some(answer) = process.hear() {
            saved.extend(answer["ok"]["statement"].as_str().map(ToOwned::to_owned));
        }
    }
    assert!(saved.len() >= ROUNDS, "only {} doses were saved", saved.len());
    // And all of it goes up: a hole or a broken chain would be refused.
    let alley = alley.loses_power();
    alley.syncs();
    assert_eq!(world.nation().dose_count(), saved.len() as u64);
}
