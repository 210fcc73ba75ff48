//! A sealed range of a log: placed whole or refused whole, and nothing believed that its author may not say.

use shared_model::envelope::{LogHead, WireEnvelope};
use shared_model::ids::Chain;
use shared_model::sync::message::Push;
use shared_model::sync::{SealedRun, verify_push};

use super::message::one_of_every_kind;
use crate::Target;
use crate::country::desk::Desk;
use crate::country::{card, cbor};
use crate::input::{Input, sized};
use crate::script;

pub const TARGET: Target = Target { name: "push", run, seeds };

/// Bytes as they are, or a script sealed by those who speak in it and then bent.
fn run(bytes: &[u8]) {
    let mut input = Input::of(bytes);
    let how = input.u8();
    if how.is_multiple_of(4) {
        if let Ok(push) = minicbor::decode::<Push>(input.rest()) {
            let (desk, _) = one_of_every_kind();
            for known in [LogHead { seq: u64::MAX - 1, chain: push.previous }, desk.head, desk.head_at(0)] {
                judge(&desk, &push, known);
            }
        }
        return;
    }
    let mut bends = Input::of(input.sized());
    let desk = written(&script::read(&mut input));
    if desk.head.seq == 0 {
        return;
    }
    let mut push = desk.push(1, desk.head.seq);
    let run = judge(&desk, &push, desk.head_at(0)).expect("an honest range is placed");
    assert_eq!((run.head, run.forked_at), (desk.head, None));
    // Held already, and from any place in it, it brings nothing.
    let from = u64::from(how) % desk.head.seq + 1;
    let rest = judge(&desk, &desk.push(from, desk.head.seq), desk.head).expect("a range that is held is placed");
    assert!(rest.fresh.is_empty() && rest.forked_at.is_none());

    while !bends.is_empty() {
        bend(&mut push, &mut bends);
    }
    for known in [desk.head_at(0), desk.head_at(from - 1), desk.head] {
        judge(&desk, &push, known);
    }
}

/// A log whose users take turns as the script says.
pub fn written(lines: &[script::Line]) -> Desk {
    let mut desk = Desk::new(1);
    for (line, envelope) in lines.iter().zip(script::envelopes(lines, card)) {
        let person = script::person(line.who);
        if person.id != desk.person.id {
            desk.changes_hands(person);
        }
        desk.append(envelope);
    }
    desk.seal();
    desk
}

fn judge(desk: &Desk, push: &Push, known: LogHead) -> Option<SealedRun> {
    let held = |seq: u64| -> Option<Chain> { (seq <= known.seq).then(|| desk.chain_at(seq)).flatten() };
    let people: Vec<_> = (0..4).map(script::person).collect();
    let standing = |author| {
        let person = people.iter().find(|person| person.id == author)?;
        Some(person.standing(desk.device))
    };
    let run = verify_push(push, &desk.certificate(), known, held, standing).ok()?;
    let mut before = None;
    for entry in &run.fresh {
        assert!(before.is_none_or(|seq| entry.position.seq == seq + 1), "a hole inside");
        before = Some(entry.position.seq);
        assert_eq!(entry.statement, entry.envelope.statement_id());
        let Ok(said) = &entry.said else { continue };
        let person = people.iter().find(|person| person.id == said.header.author).expect("somebody known");
        assert!(said.header.authority <= person.authority, "nobody speaks above himself");
        assert_eq!(said.header.device, push.device);
        assert_eq!(Some(said), entry.envelope.open().as_ref().ok());
    }
    Some(run)
}

fn bend(push: &mut Push, input: &mut Input<'_>) {
    let (what, at) = (input.u8(), usize::from(input.u8()));
    let entries = push.entries.len().max(1);
    let seals = push.seals.len().max(1);
    let entry = push.entries.get_mut(at % entries);
    match what % 14 {
        0 => drop(push.entries.drain(..at % entries)),
        1 => push.entries.truncate(at),
        2 => push.entries.reverse(),
        3 => push.entries.extend(push.entries.get(at % entries).cloned()),
        4 => push.seals.truncate(at % seals),
        5 => push.seals.reverse(),
        6 => push.seals.extend(push.seals.get(at % seals).copied()),
        7 => push.from = [0, 1, 2, u64::MAX, u64::from(input.u16())][at % 5],
        8 => push.previous.0[at % 32] ^= input.u8(),
        9 => push.epoch = push.epoch.wrapping_add(at as u32),
        10 => entry.into_iter().for_each(|entry| input.bend(&mut entry.header)),
        11 => entry.into_iter().for_each(|entry| entry.body.iter_mut().for_each(|body| input.bend(body))),
        12 => entry.into_iter().for_each(|entry| entry.body = None),
        _ => entry.into_iter().for_each(|entry: &mut WireEnvelope| entry.hash_left_out ^= true),
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let (desk, said) = one_of_every_kind();
    let mut seeds = vec![[&[0][..], &cbor(&desk.push(1, 3))].concat()];
    for bends in [&[][..], &[4, 1], &[3, 0, 10, 1, 1, 9, 0, 7], &[0, 2, 7, 2], &[12, 3], &[13, 0, 11, 2, 1, 30, 0, 9]] {
        seeds.push([&[1][..], &sized(bends), &script::write(&script::of(&said))].concat());
    }
    let (mine, theirs) = said.split_at(5);
    seeds.push([&[3][..], &sized(&[]), &script::write(&script::of(mine))].concat());
    seeds.push([&[2][..], &sized(&[]), &script::write(&script::of(theirs))].concat());
    seeds
}
