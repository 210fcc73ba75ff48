use super::doors;

#[test]
fn an_honest_word_cut_short_anywhere_is_answered() {
    for door in doors() {
        for honest in &door.honest {
            for length in 0..honest.len() {
                door.is_offered(&honest[..length]);
            }
        }
    }
}

#[test]
fn an_honest_word_with_any_single_bit_flipped_is_answered() {
    for door in doors() {
        for honest in &door.honest {
            let mut bytes = honest.clone();
            for bit in 0..bytes.len() * 8 {
                bytes[bit / 8] ^= 1 << (bit % 8);
                door.is_offered(&bytes);
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }
}

#[test]
fn an_honest_word_with_any_byte_taken_out_or_put_in_is_answered() {
    for door in doors() {
        for honest in &door.honest {
            for at in 0..honest.len() {
                door.is_offered(&[&honest[..at], &honest[at + 1..]].concat());
                for byte in [0x00, 0x1b, 0x5f, 0x9f, 0xa0, 0xc0, 0xf6, 0xff] {
                    door.is_offered(&[&honest[..at], &[byte], &honest[at..]].concat());
                }
            }
        }
    }
}
