//! A decoding process that behaves, or misbehaves in one of the ways a decoding process can.
//!
//! A scanner starts it as it would an application, with the way as one more argument. A frame whose
//! first pixel is black sets it off; any other is read as usual.

use std::io::{self, Read, Write};
use std::process::{self, ExitCode};
use std::thread;

use field_scan::{run_if_worker, serve};

const FRAME_HEAD_BYTES: usize = 9;
const GREETING: &[u8] = b"so-tiem decode 1";

fn main() -> ExitCode {
    let way = std::env::args().nth(2).unwrap_or_default();
    let done = match way.as_str() {
        "" => {
            let _ = run_if_worker();
            Ok(())
        }
        "exit" => Ok(()),
        "stranger" => io::stdout().write_all(b"Usage: worker-drill [OPTIONS] and so on"),
        _ => misbehave(&way),
    };
    if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn misbehave(way: &str) -> io::Result<()> {
    let (mut from, mut to) = (io::stdin().lock(), io::stdout().lock());
    to.write_all(GREETING)?;
    to.flush()?;
    let mut length = [0; 4];
    while from.read_exact(&mut length).is_ok() {
        let mut frame = vec![0; u32::from_le_bytes(length) as usize];
        from.read_exact(&mut frame)?;
        let answer = if frame.get(FRAME_HEAD_BYTES) == Some(&0) {
            set_off(way)?
        } else {
            honest(&[&length, frame.as_slice()].concat())?
        };
        to.write_all(&answer)?;
        to.flush()?;
    }
    Ok(())
}

fn set_off(way: &str) -> io::Result<Vec<u8>> {
    match way {
        "hang" => hang(),
        "die" => Err(io::ErrorKind::Other.into()),
        "abort" => process::abort(),
        "rubbish" => Ok(vec![0x5A; 4096]),
        "endless" => Ok(vec![0xFF; 4096]),
        "half" => {
            io::stdout().write_all(&[200, 0, 0, 0, 1, 0])?;
            hang()
        }
        _ => Ok(Vec::new()),
    }
}

fn honest(frame: &[u8]) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    serve(&mut &frame[..], &mut answer).map_err(io::Error::other)?;
    Ok(answer.split_off(GREETING.len()))
}

fn hang() -> ! {
    loop {
        thread::park();
    }
}
