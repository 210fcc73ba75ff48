//! The end of a log in six words, to be read out over the telephone and typed in at the console.
//!
//! A laptop without a line can still be asked "is what you hold what we hold?". Five words are the first 40 bits of a
//! hash over device, epoch, number and chain; the sixth is computed from the five. One wrong word, or two that changed
//! places, is always found (a sum in GF(256) in which every place has another weight) and told as a mistake of hearing
//! or typing; six hash words would have told it as another log, and sent somebody to look for a fault that is none.
//! A wrong log passes for the right one once in 2^40; any other jumble of known words passes as a code once in 256,
//! and then still has those 40 bits against it. The code is for honest mistakes: it is no secret and no signature.
//!
//! The words are an alphabet, as the 32 characters of a printed code are: they are compared, never shown to mean
//! anything, and they must be the same on every machine, so they stand here and in no catalogue. They are short nouns
//! that people in a health station know. No two are one without their marks, so that any keyboard will do; no two are
//! one to a northern or a southern ear, in which d, gi, r, v run together, ch and tr, s and x, l and n, final n, ng, nh
//! or t, c, ch, rising and falling marks, ay and ai, au and ao. Words that are rude in any tone, or unlucky, are left out.

use std::fmt;

use crate::envelope::LogHead;
use crate::hash;
use crate::ids::{DeviceId, Epoch};
use crate::limits;
use crate::text::search_key;

/// Never changed: a laptop of last year is read out to a console of today.
#[rustfmt::skip]
pub const WORDS: [&str; 256] = [
    "ấm", "ảnh", "áo", "bài", "bánh", "bầu", "bèo", "bếp",
    "bí", "biển", "bóng", "bột", "bún", "buồm", "búp", "bút",
    "cá", "canh", "cát", "cây", "chai", "chảo", "chén", "chỉ",
    "chìa", "chiếu", "chồn", "chớp", "chữ", "chum", "chuối", "chuông",
    "chuột", "cóc", "cơm", "cổng", "cọp", "cua", "cúc", "cung",
    "cừu", "đàn", "đất", "đệm", "dép", "đĩa", "điện", "đò",
    "đồi", "đồng", "đũa", "đuốc", "ếch", "én", "gạch", "găng",
    "gấu", "ghế", "ghim", "giày", "giếng", "gió", "giun", "gốm",
    "gùi", "gừng", "guốc", "gươm", "gương", "hài", "hạt", "heo",
    "hiên", "hình", "hoa", "hươu", "huyện", "kẹp", "két", "khách",
    "khăn", "khay", "khế", "khiên", "khóa", "khoai", "khóm", "khớp",
    "khung", "khuôn", "khuy", "kịch", "kiến", "kim", "kính", "lá",
    "lạc", "len", "lịch", "liềm", "lộc", "lốp", "lúa", "lưng",
    "lưới", "lươn", "lựu", "mâm", "măng", "mắt", "mây", "mẹ",
    "mền", "mèo", "mì", "mía", "miệng", "mít", "móc", "mũ",
    "mùa", "mực", "muối", "muỗng", "mướp", "nấm", "nắng", "nắp",
    "nem", "ngà", "ngao", "ngày", "nghé", "nghêu", "ngọc", "ngói",
    "ngỗng", "ngựa", "người", "nguồn", "nhà", "nhạc", "nhài", "nhánh",
    "nhện", "nhím", "nhíp", "nho", "nhôm", "nhộng", "nhót", "nhựa",
    "nhung", "nĩa", "niêu", "nón", "nụ", "nước", "nút", "ong",
    "ớt", "phà", "phanh", "phao", "phèn", "phễu", "phích", "phim",
    "phin", "phố", "phổi", "phòng", "phượng", "quần", "quạt", "quầy",
    "quế", "quýt", "rạp", "rau", "rèm", "rìu", "rơm", "rùa",
    "ruốc", "ruồi", "sách", "sao", "sậy", "sen", "sếu", "sim",
    "sói", "sông", "sọt", "sữa", "suối", "súp", "tắc", "táo",
    "tết", "thạch", "tháng", "tháp", "thau", "thầy", "thềm", "thép",
    "thìa", "thiếc", "thiệp", "thịt", "thỏ", "thóc", "thơm", "thông",
    "thư", "thuốc", "thuyền", "tiệc", "tiệm", "tiêu", "tỉnh", "toán",
    "tôm", "trà", "trạm", "trăng", "tre", "trời", "trúc", "trứng",
    "tủ", "tuần", "túi", "tượng", "tuyết", "ủng", "ván", "ve",
    "vẹt", "vịnh", "vịt", "voi", "vòng", "vườn", "xăng", "xe",
    "xích", "xiếc", "xô", "xoài", "xoan", "xóm", "xưởng", "yên",
];

pub const WORDS_SPOKEN: usize = 6;
const HASH_BYTES: usize = WORDS_SPOKEN - 1;
/// Words offered for one that is not in the list.
const NEAREST_MAX: usize = 3;
/// Letters two words may differ in to be offered for one another.
const NEAREST_EDITS_MAX: usize = 2;

/// Forty bits of a log's end. Equal for equal logs, and for others once in 2^40.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpokenHead([u8; HASH_BYTES]);

/// A word that is not in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    /// Counted from 1, as people count.
    pub place: usize,
    /// Up to three that are written alike, the nearest first.
    pub nearest: Vec<&'static str>,
}

/// Why a text is no code. None of these says anything about a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSpoken {
    #[error("longer than six words can be")]
    TooLong,
    #[error("{heard} words of six")]
    TooFew { heard: usize },
    #[error("{heard} words, not six")]
    TooMany { heard: usize },
    #[error("words that are not in the list")]
    Unknown(Vec<UnknownWord>),
    #[error("a word is wrong, or two changed places")]
    Checksum,
}

impl NotSpoken {
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::TooFew { .. } => "too_few",
            Self::TooMany { .. } => "too_many",
            Self::Unknown(_) => "unknown_word",
            Self::Checksum => "checksum",
        }
    }
}

impl SpokenHead {
    pub fn of(device: DeviceId, epoch: Epoch, head: LogHead) -> Self {
        let parts: [&[u8]; 4] =
            [device.as_bytes(), &epoch.to_be_bytes(), &head.seq.to_be_bytes(), head.chain.as_bytes()];
        let [a, b, c, d, e, ..] = hash::sha256(hash::SPOKEN, &parts);
        Self([a, b, c, d, e])
    }

    pub fn words(self) -> [&'static str; WORDS_SPOKEN] {
        let [a, b, c, d, e] = self.0;
        [a, b, c, d, e, check(self.0)].map(|at| WORDS[usize::from(at)])
    }

    /// Reads what was heard and typed: either case, with or without marks, composed or not, parted by anything.
    pub fn parse(text: &str) -> Result<Self, NotSpoken> {
        if text.len() > limits::SPOKEN_BYTES_MAX {
            return Err(NotSpoken::TooLong);
        }
        let key = search_key(text);
        let heard: Vec<&str> = key.split(' ').filter(|word| !word.is_empty()).collect();
        if heard.len() < WORDS_SPOKEN {
            return Err(NotSpoken::TooFew { heard: heard.len() });
        }
        if heard.len() > WORDS_SPOKEN {
            return Err(NotSpoken::TooMany { heard: heard.len() });
        }
        let plain = WORDS.map(search_key);
        let (mut numbers, mut unknown) = (Vec::new(), Vec::new());
        for (at, word) in heard.into_iter().enumerate() {
            let number = plain.iter().position(|known| known == word).and_then(|number| u8::try_from(number).ok());
            match number {
                Some(number) => numbers.push(number),
                None => unknown.push(UnknownWord { place: at + 1, nearest: nearest(word, &plain) }),
            }
        }
        if !unknown.is_empty() {
            return Err(NotSpoken::Unknown(unknown));
        }
        match <[u8; WORDS_SPOKEN]>::try_from(numbers) {
            Ok([a, b, c, d, e, last]) if check([a, b, c, d, e]) == last => Ok(Self([a, b, c, d, e])),
            _ => Err(NotSpoken::Checksum),
        }
    }
}

impl fmt::Display for SpokenHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().join(" "))
    }
}

/// The sum of the five, the first weighing 2, the next 4, 8, 16, 32: with the check word, which weighs 1, no two
/// weigh the same, so that neither one wrong word nor two exchanged ones leave the sum as it was.
fn check(hash: [u8; HASH_BYTES]) -> u8 {
    hash.into_iter().rev().fold(0, |sum, byte| twice(sum ^ byte))
}

/// Multiplies by two in GF(256) with the polynomial 0x11d.
fn twice(byte: u8) -> u8 {
    (byte << 1) ^ if byte & 0x80 == 0 { 0 } else { 0x1d }
}

fn nearest(heard: &str, plain: &[String; 256]) -> Vec<&'static str> {
    let mut near: Vec<(usize, &'static str)> = plain
        .iter()
        .zip(WORDS)
        .map(|(known, word)| (edits(heard, known), word))
        .filter(|(edits, _)| *edits <= NEAREST_EDITS_MAX)
        .collect();
    // Stable: words that are equally near come in the order of the list.
    near.sort_by_key(|(edits, _)| *edits);
    near.into_iter().map(|(_, word)| word).take(NEAREST_MAX).collect()
}

/// How many letters have to be put in, taken out or changed to make one text of another.
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut before = row[0];
        row[0] = at + 1;
        for (to, known) in other.iter().enumerate() {
            let changed = before + usize::from(letter != *known);
            before = row[to + 1];
            row[to + 1] = changed.min(before + 1).min(row[to] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests;
