use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;
use crate::ids::Chain;

const DEVICE: DeviceId = DeviceId([0xd1; 16]);
const HEAD: LogHead = LogHead { seq: 4_217, chain: Chain([0xc4; 32]) };
const SPOKEN: &str = "đuốc gạch ghế bún khoai thuốc";

fn join(words: [&str; WORDS_SPOKEN]) -> String {
    words.join(" ")
}

/// What is left of a word to an ear that hears every merger of the north and of the south at once.
fn heard(word: &str) -> String {
    let plain = search_key(word);
    let initials = ["ngh", "ng", "nh", "gh", "gi", "kh", "ph", "qu", "th", "tr", "ch"];
    let first_letter = plain.char_indices().nth(1).map_or(plain.len(), |(at, _)| at);
    let single = if plain.starts_with(['a', 'e', 'i', 'o', 'u', 'y']) { "" } else { &plain[..first_letter] };
    let initial = initials.into_iter().find(|initial| plain.starts_with(initial)).unwrap_or(single);
    let mut rhyme = plain[initial.len()..].replace('y', "i");
    if initial == "gi" && (!rhyme.starts_with(['a', 'e', 'o', 'u']) || rhyme.starts_with("en")) {
        rhyme.insert(0, 'i');
    }
    let initial = match initial {
        "d" if word.starts_with('đ') => "đ",
        "d" | "gi" | "r" | "v" => "d",
        "ngh" => "ng",
        "gh" => "g",
        "k" => "c",
        "tr" => "ch",
        "x" => "s",
        "n" => "l",
        other => other,
    };
    for (ending, merged) in [("ng", "n"), ("nh", "n"), ("ch", "t"), ("c", "t"), ("au", "ao")] {
        if let Some(stem) = rhyme.strip_suffix(ending) {
            rhyme = format!("{stem}{merged}");
            break;
        }
    }
    let rhyme = rhyme.replace("ieu", "iu").replace("iem", "im").replace("uoi", "ui").replace("uou", "uu");
    format!("{initial} {}", if rhyme == "eu" { "iu" } else { &rhyme })
}

#[test]
fn the_words_are_256_and_stay_so_without_their_marks() {
    let plain: BTreeSet<String> = WORDS.into_iter().map(search_key).collect();
    assert_eq!(plain.len(), 256);
    for word in WORDS {
        let plain = search_key(word);
        assert!((2..=6).contains(&plain.len()) && plain.bytes().all(|letter| letter.is_ascii_lowercase()), "{word}");
        assert!(word.nfc().eq(word.chars()) && word.to_lowercase() == word, "{word}");
    }
}

#[test]
fn no_two_words_are_one_to_a_northern_or_a_southern_ear() {
    let mut by_sound: BTreeMap<String, &str> = BTreeMap::new();
    for word in WORDS {
        if let Some(other) = by_sound.insert(heard(word), word) {
            panic!("{word} and {other} sound alike: {}", heard(word));
        }
    }
}

#[test]
fn the_ear_of_these_tests_hears_what_people_mix_up() {
    for (one, other) in [
        ("rau", "dao"),
        ("giày", "vai"),
        ("trâu", "cháo"),
        ("sen", "xẻng"),
        ("nón", "lồng"),
        ("bát", "bạc"),
        ("bàn", "bánh"),
        ("lịch", "nít"),
        ("giếng", "viên"),
        ("hỏi", "hội"),
        ("kẻ", "kẽ"),
        ("rượu", "dừu"),
    ] {
        assert_eq!(heard(one), heard(other), "{one} {other}");
    }
    for (one, other) in [("đá", "da"), ("ngà", "nhà"), ("cá", "khá"), ("tim", "tôm"), ("quà", "cà")] {
        assert_ne!(heard(one), heard(other), "{one} {other}");
    }
}

/// In any tone: people read plain letters aloud, too.
#[test]
fn no_word_is_rude_or_unlucky_in_any_tone() {
    for plain in [
        "lon", "buoi", "du", "dit", "cut", "dai", "ia", "cac", "boi", "di", "diem", "vu", "bim", "cu", "ma", "mo",
        "hom", "chim", "cho", "hang", "ngu", "mong", "chet", "tang", "hon", "quan tai", "bom", "sung", "min",
    ] {
        // A musical instrument is not what is shot with it.
        let found = WORDS.into_iter().find(|word| search_key(word) == plain);
        assert_eq!(found, None);
    }
}

/// Figures that a change of the list would change: how near words lie to one another when they are typed.
#[test]
fn words_that_differ_in_one_letter_are_few() {
    let plain = WORDS.map(search_key);
    let near = |a: usize, b: usize| edits(&plain[a], &plain[b]) == 1;
    let pairs = (0..256).flat_map(|a| (0..a).map(move |b| (a, b))).filter(|(a, b)| near(*a, *b)).count();
    assert_eq!(pairs, 366, "of 32,640");
}

#[test]
fn the_words_of_one_log_never_change() {
    let spoken = SpokenHead::of(DEVICE, 2, HEAD);
    assert_eq!(spoken.to_string(), SPOKEN);
    let list = WORDS.join("\n");
    assert_eq!(
        crate::ids::to_hex(&hash::sha256(b"", &[list.as_bytes()])),
        "8e864a1a872a925fadd61b494348f2d6fead37a8827a43a8327e358b6386e92f"
    );
}

#[test]
fn every_part_of_a_log_s_end_is_in_the_words() {
    let spoken = SpokenHead::of(DEVICE, 2, HEAD);
    assert_ne!(spoken, SpokenHead::of(DeviceId([0xd2; 16]), 2, HEAD));
    assert_ne!(spoken, SpokenHead::of(DEVICE, 3, HEAD));
    assert_ne!(spoken, SpokenHead::of(DEVICE, 2, LogHead { seq: 4_218, ..HEAD }));
    assert_ne!(spoken, SpokenHead::of(DEVICE, 2, LogHead { chain: Chain([0xc5; 32]), ..HEAD }));
}

#[test]
fn a_code_is_read_however_it_was_typed() {
    let spoken = SpokenHead::of(DEVICE, 2, HEAD);
    let text = spoken.to_string();
    for typed in [
        text.clone(),
        text.to_uppercase(),
        text.nfd().collect(),
        search_key(&text),
        format!("  {}\r\n", text.replace(' ', " - ")),
        text.replace(' ', ", "),
    ] {
        assert_eq!(SpokenHead::parse(&typed), Ok(spoken), "{typed}");
    }
}

#[test]
fn what_is_no_code_says_what_is_wrong() {
    assert_eq!(SpokenHead::parse(""), Err(NotSpoken::TooFew { heard: 0 }));
    assert_eq!(SpokenHead::parse(" - - "), Err(NotSpoken::TooFew { heard: 0 }));
    assert_eq!(SpokenHead::parse("mèo muối nước"), Err(NotSpoken::TooFew { heard: 3 }));
    assert_eq!(SpokenHead::parse("mèo mèo mèo mèo mèo mèo mèo"), Err(NotSpoken::TooMany { heard: 7 }));
    assert_eq!(SpokenHead::parse(&"mèo ".repeat(100)), Err(NotSpoken::TooLong));
    // As it comes from a keyboard whose input method is off.
    let Err(NotSpoken::Unknown(unknown)) = SpokenHead::parse("meof muoosi nuoc sen zzzzzz trung") else {
        panic!("two words are in no list");
    };
    assert_eq!(unknown.iter().map(|word| word.place).collect::<Vec<_>>(), [1, 2, 5]);
    assert_eq!(unknown[0].nearest[0], "mèo");
    assert!(unknown[1].nearest.contains(&"muối"));
    assert!(unknown[2].nearest.is_empty());
}

#[test]
fn edits_are_counted() {
    for (one, other, expected) in [("", "", 0), ("meo", "meo", 0), ("meo", "me", 1), ("", "meo", 3), ("sen", "xe", 2)] {
        assert_eq!(edits(one, other), expected, "{one} {other}");
        assert_eq!(edits(other, one), expected, "{one} {other}");
    }
}

proptest! {
    #[test]
    fn every_code_reads_back(hash in any::<[u8; HASH_BYTES]>()) {
        let spoken = SpokenHead(hash);
        prop_assert_eq!(SpokenHead::parse(&spoken.to_string()), Ok(spoken));
        prop_assert_eq!(SpokenHead::parse(&search_key(&spoken.to_string())), Ok(spoken));
    }

    #[test]
    fn one_wrong_word_is_always_found(hash in any::<[u8; HASH_BYTES]>(), at in 0..WORDS_SPOKEN, to in 0..256_usize) {
        let mut words = SpokenHead(hash).words();
        prop_assume!(words[at] != WORDS[to]);
        words[at] = WORDS[to];
        prop_assert_eq!(SpokenHead::parse(&join(words)), Err(NotSpoken::Checksum));
    }

    #[test]
    fn two_words_that_changed_places_are_always_found(
        hash in any::<[u8; HASH_BYTES]>(),
        (one, other) in (0..WORDS_SPOKEN, 0..WORDS_SPOKEN),
    ) {
        let mut words = SpokenHead(hash).words();
        prop_assume!(words[one] != words[other]);
        words.swap(one, other);
        prop_assert_eq!(SpokenHead::parse(&join(words)), Err(NotSpoken::Checksum));
    }

    #[test]
    fn no_text_stops_the_reader(text in "(\\PC{0,12} ?){0,8}") {
        let _ = SpokenHead::parse(&text);
    }
}
