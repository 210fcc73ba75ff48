use proptest::prelude::*;
use proptest::sample::Index;

use super::doors;
use crate::cases;

proptest! {
    #![proptest_config(cases::of("random bytes"))]

    #[test]
    fn any_bytes_are_answered_at_every_door(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        for door in doors() {
            door.is_offered(&bytes);
        }
    }
}

proptest! {
    #![proptest_config(cases::of("spliced words"))]

    /// The beginning of one honest word and the end of another, at the doors of both.
    #[test]
    fn two_honest_words_grown_together_are_answered(
        one in any::<Index>(),
        other in any::<Index>(),
        cut in any::<(Index, Index)>(),
    ) {
        let doors = doors();
        let (one, other) = (&doors[one.index(doors.len())], &doors[other.index(doors.len())]);
        let (head, tail) = (&one.honest[0], &other.honest[0]);
        let spliced = [&head[..cut.0.index(head.len())], &tail[cut.1.index(tail.len())..]].concat();
        one.is_offered(&spliced);
        other.is_offered(&spliced);
    }
}
