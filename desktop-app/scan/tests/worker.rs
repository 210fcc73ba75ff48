//! Decoding processes that behave, and those that do not.

mod support;

use std::path::Path;
use std::process::Command;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use field_scan::{FrameLost, Luma, ScanEvent, Scanner, ScannerSettings, UnreadableWhy, WorkerProgram};
use support::{CARD, Hand, LONG, Stage, Tested, held_up, next_event, text};

fn drill() -> WorkerProgram {
    WorkerProgram::at(Path::new(env!("CARGO_BIN_EXE_worker-drill")))
}

type Scanning = (Scanner, Receiver<ScanEvent>, Hand);

fn scanning(worker: WorkerProgram, frame_time_max: Duration) -> std::io::Result<Scanning> {
    let (hand, stage) = Stage::new();
    let settings = ScannerSettings { worker: Some(worker), frame_time_max, ..ScannerSettings::default() };
    let (scanner, heard) = Scanner::start(stage.once(), settings)?;
    Ok((scanner, heard, hand))
}

/// Shows a frame that sets the process off, and a card after it.
fn survives(way: &str, frame_time_max: Duration, expected: FrameLost) -> Tested {
    let (_scanner, heard, hand) = scanning(drill().with_argument(way), frame_time_max)?;
    hand.send(Ok(held_up(b"before")?))?;
    assert_eq!(text(next_event(&heard)?).as_deref(), Some("before"), "{way}");
    hand.send(Ok(Luma::blank(1280, 720, 0)?))?;
    let why = UnreadableWhy::FrameLost(expected);
    assert_eq!(next_event(&heard)?, ScanEvent::Unreadable { why, corners: None }, "{way}");
    hand.send(Ok(held_up(CARD.as_bytes())?))?;
    assert_eq!(text(next_event(&heard)?).as_deref(), Some(CARD), "{way}");
    Ok(())
}

#[test]
fn a_card_is_read_in_another_process() -> Tested {
    let (_scanner, heard, hand) = scanning(drill(), LONG)?;
    for name in ["Ổi", "Tý", "Nguyễn Thị Minh Khai"] {
        hand.send(Ok(held_up(name.as_bytes())?))?;
        assert_eq!(text(next_event(&heard)?).as_deref(), Some(name));
    }
    Ok(())
}

#[test]
fn a_process_that_hangs_is_replaced() -> Tested {
    survives("hang", Duration::from_secs(3), FrameLost::TookTooLong)
}

#[test]
fn a_process_that_answers_half_is_replaced() -> Tested {
    survives("half", Duration::from_secs(3), FrameLost::TookTooLong)
}

#[test]
fn a_process_that_dies_is_replaced() -> Tested {
    survives("die", LONG, FrameLost::ReaderFell)?;
    survives("abort", LONG, FrameLost::ReaderFell)
}

#[test]
fn a_process_that_talks_nonsense_is_replaced() -> Tested {
    survives("rubbish", LONG, FrameLost::ReaderFell)?;
    survives("endless", LONG, FrameLost::ReaderFell)
}

#[test]
fn a_program_that_is_no_decoding_process_is_done_without() -> Tested {
    let nowhere = WorkerProgram::at(Path::new("/nowhere/at/all"));
    for worker in [drill().with_argument("exit"), drill().with_argument("stranger"), nowhere] {
        let (_scanner, heard, hand) = scanning(worker, LONG)?;
        hand.send(Ok(held_up(CARD.as_bytes())?))?;
        assert_eq!(text(next_event(&heard)?).as_deref(), Some(CARD));
    }
    Ok(())
}

#[test]
fn a_process_ends_when_its_scanner_hangs_up() -> Tested {
    let program = env!("CARGO_BIN_EXE_worker-drill");
    let output = Command::new(program).arg("--so-tiem-decode-frames").output()?;
    assert!(output.status.success());
    assert_eq!(output.stdout, b"so-tiem decode 1");
    Ok(())
}

#[test]
fn no_process_is_left_when_the_scanner_is_gone() -> Tested {
    let (scanner, heard, hand) = scanning(drill(), LONG)?;
    hand.send(Ok(held_up(b"here")?))?;
    assert_eq!(text(next_event(&heard)?).as_deref(), Some("here"));
    drop((scanner, hand));
    // Both threads end, and the process with them: a process that lived would hold its pipe open.
    while heard.recv_timeout(LONG).is_ok() {}
    Ok(())
}
