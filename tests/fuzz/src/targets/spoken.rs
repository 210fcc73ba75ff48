//! Six words heard over a telephone, typed as anybody types.

use shared_model::envelope::LogHead;
use shared_model::ids::{Chain, DeviceId};
use shared_model::sync::spoken::{NotSpoken, SpokenHead};

use crate::Target;

pub const TARGET: Target = Target { name: "spoken", run, seeds };

fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match SpokenHead::parse(&text) {
        Ok(heard) => {
            let words = heard.words().join(" ");
            assert_eq!(SpokenHead::parse(&words), Ok(heard));
            assert_eq!(SpokenHead::parse(&words.to_uppercase()), Ok(heard));
        }
        Err(NotSpoken::Unknown(unknown)) => {
            assert!((1..=6).contains(&unknown.len()));
            // What is offered instead is always a word of the list, so it is never unknown itself.
            for word in unknown.iter().flat_map(|unknown| unknown.nearest.iter()) {
                let six = [*word; 6].join(" ");
                assert!(!matches!(SpokenHead::parse(&six), Err(NotSpoken::Unknown(_))), "{word}");
            }
        }
        Err(_) => {}
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let head = |n: u8| SpokenHead::of(DeviceId([n; 16]), 1, LogHead { seq: 7, chain: Chain([n; 32]) });
    let words = head(1).words();
    let mut wrong = words;
    wrong.swap(1, 4);
    vec![
        words.join(" ").into_bytes(),
        head(2).words().join(" - ").to_uppercase().into_bytes(),
        wrong.join(" ").into_bytes(),
        format!("{} xyz", words[..5].join("\u{a0}")).into_bytes(),
        words[..3].join(", ").into_bytes(),
    ]
}
