//! What can happen to one exchange on a road, and at which byte.

use std::collections::BTreeSet;
use std::fmt;

/// The exchanges of a sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exchange {
    Greet,
    Hello,
    Push,
    Pull,
    /// Which files there are of a feed.
    Segments,
    /// A part of one of them.
    Part,
    Other,
}

impl Exchange {
    pub fn of(path: &str) -> Self {
        match path {
            "/device/greet" => Self::Greet,
            "/device/hello" => Self::Hello,
            "/device/push" => Self::Push,
            "/device/pull" => Self::Pull,
            "/device/segments" => Self::Segments,
            path if path.starts_with("/device/segment/") => Self::Part,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Greet => "greet",
            Self::Hello => "hello",
            Self::Push => "push",
            Self::Pull => "pull",
            Self::Segments => "segments",
            Self::Part => "part of a file",
            Self::Other => "other",
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Half {
    Question,
    Answer,
}

/// How a connection ends in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manner {
    /// It is closed.
    Closed,
    /// It is reset.
    Reset,
    /// Nothing more comes, and nobody says so.
    Stalled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// After this many bytes of one half.
    Cut(Half, usize, Manner),
    /// The same bytes arrive at the server on two connections.
    AskedTwice,
    /// The same bytes arrive at the laptop twice, one after the other.
    AnsweredTwice,
    /// Somebody else answers: a page of a hotel, a hotspot, a proxy.
    Captive(usize),
    /// So many bytes at a time.
    Trickled(usize),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cut(Half::Question, _, Manner::Closed) => "question cut",
            Self::Cut(Half::Question, _, Manner::Reset) => "question reset",
            Self::Cut(Half::Question, _, Manner::Stalled) => "question stalled",
            Self::Cut(Half::Answer, _, Manner::Closed) => "answer cut",
            Self::Cut(Half::Answer, _, Manner::Reset) => "answer reset",
            Self::Cut(Half::Answer, _, Manner::Stalled) => "answer stalled",
            Self::AskedTwice => "asked twice",
            Self::AnsweredTwice => "answered twice",
            Self::Captive(_) => "captive portal",
            Self::Trickled(_) => "trickled",
        })
    }
}

/// An exchange as it was carried, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Carried {
    pub exchange: Exchange,
    pub question_head: usize,
    pub question: usize,
    pub answer_head: usize,
    pub answer: usize,
    /// Nothing was kept back.
    pub whole: bool,
}

/// How finely an exchange is cut up: every so many bytes for each manner of ending.
#[derive(Debug, Clone, Copy)]
pub struct Fineness {
    pub closed: usize,
    pub reset: usize,
    pub stalled: usize,
}

/// Bytes on either side of a boundary that are never left out.
const NEAR: usize = 1;

/// Every fault that this exchange is to meet, and how many byte positions it has.
pub fn plan(carried: Carried, fineness: Fineness) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (half, head, bytes) in
        [(Half::Question, carried.question_head, carried.question), (Half::Answer, carried.answer_head, carried.answer)]
    {
        for (manner, step) in
            [(Manner::Closed, fineness.closed), (Manner::Reset, fineness.reset), (Manner::Stalled, fineness.stalled)]
        {
            let near = if manner == Manner::Stalled { 0 } else { NEAR };
            faults.extend(positions(head, bytes, step, near).into_iter().map(|at| Fault::Cut(half, at, manner)));
        }
    }
    faults.extend([Fault::AskedTwice, Fault::AnsweredTwice]);
    faults.extend((0..PAGES.len()).map(Fault::Captive));
    faults.extend([1, 7, 100].map(Fault::Trickled));
    faults
}

/// From no byte to all of them.
pub fn positions(head: usize, bytes: usize, step: usize, near: usize) -> BTreeSet<usize> {
    let mut at: BTreeSet<usize> = (0..=bytes).step_by(step).collect();
    for boundary in [0, head, bytes] {
        at.extend(boundary.saturating_sub(near)..=(boundary + near).min(bytes));
    }
    at
}

/// What stands between a laptop and the network in hotels, cafés and offices.
pub const PAGES: [(&str, &str); 3] = [
    ("200 OK\r\ncontent-type: text/html", "<!doctype html><title>Wi-Fi</title><form>Mật khẩu</form>"),
    ("302 Found\r\nlocation: http://127.0.0.1:9/login", ""),
    ("511 Network Authentication Required\r\ncontent-type: text/html", "<html>sign in</html>"),
];
