//! The 63 provinces and cities of 2021 by the code that begins a personal number.
//!
//! Circular 59/2021/TT-BCA, appendix: a zero and the code of the General Statistics Office. The
//! number keeps the province where the birth was registered, whatever became of the province.

use crate::citizen::NationalId;

/// A province or a city of that rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Province {
    pub code: &'static str,
    pub name: &'static str,
}

const fn province(code: &'static str, name: &'static str) -> Province {
    Province { code, name }
}

/// In the order of their codes.
pub static PROVINCES: [Province; 63] = [
    province("001", "Hà Nội"),
    province("002", "Hà Giang"),
    province("004", "Cao Bằng"),
    province("006", "Bắc Kạn"),
    province("008", "Tuyên Quang"),
    province("010", "Lào Cai"),
    province("011", "Điện Biên"),
    province("012", "Lai Châu"),
    province("014", "Sơn La"),
    province("015", "Yên Bái"),
    province("017", "Hoà Bình"),
    province("019", "Thái Nguyên"),
    province("020", "Lạng Sơn"),
    province("022", "Quảng Ninh"),
    province("024", "Bắc Giang"),
    province("025", "Phú Thọ"),
    province("026", "Vĩnh Phúc"),
    province("027", "Bắc Ninh"),
    province("030", "Hải Dương"),
    province("031", "Hải Phòng"),
    province("033", "Hưng Yên"),
    province("034", "Thái Bình"),
    province("035", "Hà Nam"),
    province("036", "Nam Định"),
    province("037", "Ninh Bình"),
    province("038", "Thanh Hóa"),
    province("040", "Nghệ An"),
    province("042", "Hà Tĩnh"),
    province("044", "Quảng Bình"),
    province("045", "Quảng Trị"),
    province("046", "Thừa Thiên Huế"),
    province("048", "Đà Nẵng"),
    province("049", "Quảng Nam"),
    province("051", "Quảng Ngãi"),
    province("052", "Bình Định"),
    province("054", "Phú Yên"),
    province("056", "Khánh Hòa"),
    province("058", "Ninh Thuận"),
    province("060", "Bình Thuận"),
    province("062", "Kon Tum"),
    province("064", "Gia Lai"),
    province("066", "Đắk Lắk"),
    province("067", "Đắk Nông"),
    province("068", "Lâm Đồng"),
    province("070", "Bình Phước"),
    province("072", "Tây Ninh"),
    province("074", "Bình Dương"),
    province("075", "Đồng Nai"),
    province("077", "Bà Rịa - Vũng Tàu"),
    province("079", "Hồ Chí Minh"),
    province("080", "Long An"),
    province("082", "Tiền Giang"),
    province("083", "Bến Tre"),
    province("084", "Trà Vinh"),
    province("086", "Vĩnh Long"),
    province("087", "Đồng Tháp"),
    province("089", "An Giang"),
    province("091", "Kiên Giang"),
    province("092", "Cần Thơ"),
    province("093", "Hậu Giang"),
    province("094", "Sóc Trăng"),
    province("095", "Bạc Liêu"),
    province("096", "Cà Mau"),
];

/// Where a personal number says the birth was registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisteredIn {
    Province(&'static Province),
    /// Codes from 100 on stand for countries. Their list is long and grows, so it is not kept here.
    Abroad,
    /// A code below 100 that no province has.
    Nowhere,
}

/// Reads the first three digits of a personal number.
pub fn registered_in(number: &NationalId) -> RegisteredIn {
    let code = number.as_str().get(..3).unwrap_or_default();
    match PROVINCES.binary_search_by_key(&code, |province| province.code) {
        Ok(at) => RegisteredIn::Province(&PROVINCES[at]),
        Err(_) if code.starts_with('0') => RegisteredIn::Nowhere,
        Err(_) => RegisteredIn::Abroad,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_provinces_stand_in_the_order_of_their_codes() {
        assert!(PROVINCES.is_sorted_by(|a, b| a.code < b.code));
        for province in PROVINCES {
            assert!(province.code.len() == 3 && province.code.starts_with('0'), "{province:?}");
        }
    }

    #[test]
    fn every_number_was_registered_in_a_province_abroad_or_nowhere() {
        for (number, name) in
            [("001090123456", Some("Hà Nội")), ("079090123456", Some("Hồ Chí Minh")), ("096090123456", Some("Cà Mau"))]
        {
            let RegisteredIn::Province(province) = registered_in(&NationalId::parse(number).unwrap()) else {
                panic!("{number}");
            };
            assert_eq!(Some(province.name), name);
        }
        let place = |number| registered_in(&NationalId::parse(number).unwrap());
        assert_eq!(place("003090123456"), RegisteredIn::Nowhere);
        assert_eq!(place("099090123456"), RegisteredIn::Nowhere);
        assert_eq!(place("100090123456"), RegisteredIn::Abroad);
        assert_eq!(place("999999999999"), RegisteredIn::Abroad);
    }
}
