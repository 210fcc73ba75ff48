//! Where one HTTP message ends and the next begins, for messages that say how long they are.

use std::io;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// Far more than any exchange has.
const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

pub struct Message {
    pub bytes: Vec<u8>,
    /// Bytes up to the end of the empty line.
    pub head: usize,
}

/// One message with its body; nothing when the connection ends before it begins.
pub async fn read(stream: &mut TcpStream) -> io::Result<Option<Message>> {
    let mut bytes = Vec::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        if let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
            && bytes.len() >= head + body_bytes(&bytes[..head])
        {
            return Ok(Some(Message { bytes, head }));
        }
        let read = stream.read(&mut piece).await?;
        if read == 0 && bytes.is_empty() {
            return Ok(None);
        }
        if read == 0 || bytes.len() > MESSAGE_BYTES_MAX {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&piece[..read]);
    }
}

fn body_bytes(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    length.and_then(|length| length.trim().parse().ok()).unwrap_or(0)
}

/// The path a question is asked at.
pub fn path(question: &[u8]) -> &str {
    let line = question.split(|byte| *byte == b'\r').next().unwrap_or_default();
    std::str::from_utf8(line).unwrap_or_default().split(' ').nth(1).unwrap_or_default()
}
