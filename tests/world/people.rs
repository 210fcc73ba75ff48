//! The pretend people, and the cards they show.

use shared_model::time::Date;

/// A citizen with a chip card.
#[derive(Debug, Clone)]
pub struct Person {
    pub name: String,
    pub born: Date,
    pub number: String,
}

impl Person {
    /// A woman of Ho Chi Minh City; `serial` tells cards apart.
    pub fn new(name: &str, born: &str, serial: u32) -> Self {
        let born = Date::parse_iso(born).expect("a birth date");
        // Twentieth century 1, twenty-first 3: a woman's fourth digit (Circular 59/2021/TT-BCA).
        let century = if born.year() < 2000 { 1 } else { 3 };
        let number = format!("079{century}{:02}{serial:06}", born.year() % 100);
        Self { name: name.to_owned(), born, number }
    }

    /// What the QR of the card says.
    pub fn card(&self) -> String {
        let born = self.born;
        format!(
            "{}||{}|{:02}{:02}{:04}|Nữ|42 Hẻm 5, Phường 3, Quận 4, TP. Hồ Chí Minh|15042021",
            self.number,
            self.name,
            born.day(),
            born.month(),
            born.year()
        )
    }
}
