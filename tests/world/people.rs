//! The pretend people, and the cards they show.

use shared_model::time::Date;

/// A citizen with a chip card.
#[derive(Debug, Clone)]
pub struct Person {
    pub name: String,
    pub born: Date,
    pub is_man: bool,
    pub number: String,
}

impl Person {
    /// Somebody of Ho Chi Minh City; `serial` tells cards apart. "Văn" is a man's middle name.
    pub fn new(name: &str, born: &str, serial: u32) -> Self {
        let born = Date::parse_iso(born).expect("a birth date");
        let is_man = name.contains(" Văn ");
        // The fourth digit: century and sex; the fifth and sixth: the year (Circular 59/2021/TT-BCA).
        let digit = 2 * u8::from(born.year() >= 2000) + u8::from(!is_man);
        let number = format!("079{digit}{:02}{serial:06}", born.year() % 100);
        Self { name: name.to_owned(), born, is_man, number }
    }

    /// What the QR of the card says.
    pub fn card(&self) -> String {
        let Self { name, born, is_man, number } = self;
        let sex = if *is_man { "Nam" } else { "Nữ" };
        let (day, month, year) = (born.day(), born.month(), born.year());
        format!(
            "{number}||{name}|{day:02}{month:02}{year:04}|{sex}|42 Hẻm 5, Phường 3, Quận 4, TP. Hồ Chí Minh|15042021"
        )
    }
}
