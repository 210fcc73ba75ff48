//! What can be read off a picture, and what cannot.

mod support;

use field_scan::{
    Cascade, NotText, PictureError, QrStyle, ReadOutcome, Reader, Symbology, Symbols, decode_once, open_picture,
    qr_frame,
};
use support::{CARD, Tested, fixture, held_up, inverted, mirrored, placed, rotated, turned};
use zxingcpp::{BarcodeCreator, BarcodeFormat, BarcodeWriter};

fn texts(frame: &field_scan::Luma) -> Vec<String> {
    let texts = decode_once(frame).into_iter().filter_map(|read| match read.outcome {
        ReadOutcome::Text(text) => Some(text.into_string()),
        ReadOutcome::Unreadable(_) => None,
    });
    texts.collect()
}

#[test]
fn a_chip_card_is_read_letter_for_letter() -> Tested {
    assert_eq!(texts(&open_picture(&fixture("card.png"))?), [CARD]);
    Ok(())
}

#[test]
fn a_card_held_badly_in_a_dim_room_is_read_as_well() -> Tested {
    assert_eq!(texts(&open_picture(&fixture("card-blurred-turned-faded.png"))?), [CARD]);
    Ok(())
}

#[test]
fn a_card_in_another_alphabet_is_unreadable_and_never_guessed() -> Tested {
    let reads = decode_once(&open_picture(&fixture("not-utf8.png"))?);
    assert_eq!(reads.len(), 1);
    assert_eq!(reads[0].outcome, ReadOutcome::Unreadable(NotText::NotUtf8 { at: 18 }));
    Ok(())
}

#[test]
fn a_blank_frame_gives_nothing() -> Tested {
    assert_eq!(decode_once(&open_picture(&fixture("blank.png"))?), []);
    for shade in [0, 128, 255] {
        assert_eq!(decode_once(&field_scan::Luma::blank(1280, 720, shade)?), []);
        assert_eq!(decode_once(&field_scan::Luma::blank(1, 1, shade)?), []);
    }
    Ok(())
}

#[test]
fn frames_of_any_shape_and_any_noise_do_no_harm() -> Tested {
    let mut seed = 1_u32;
    let mut noise = move || {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        seed.to_be_bytes()[0]
    };
    for (width, height) in [(1, 1), (1, 4096), (4096, 1), (2, 2), (3, 7), (20, 20), (21, 21), (640, 3), (333, 257)] {
        for coarse in [1, 3] {
            let shades: Vec<u8> = (0..width / coarse + 1).map(|_| noise()).collect();
            let bytes = (0..width * height).map(|at| shades[(at % width / coarse) as usize] ^ (noise() & 31));
            assert_eq!(decode_once(&field_scan::Luma::new(width, height, bytes.collect())?), []);
        }
    }
    Ok(())
}

#[test]
fn a_damaged_file_is_called_damaged() {
    assert_eq!(open_picture(&fixture("damaged.png")), Err(PictureError::Damaged));
}

#[test]
fn a_card_is_read_from_behind_in_negative_and_at_any_angle() -> Tested {
    let card = held_up(CARD.as_bytes())?;
    assert_eq!(texts(&mirrored(&card)?), [CARD], "mirrored");
    assert_eq!(texts(&inverted(&card)?), [CARD], "inverted");
    assert_eq!(texts(&inverted(&mirrored(&card)?)?), [CARD], "both");
    let mut quarter = card.clone();
    for quarters in 1..=3 {
        quarter = turned(&quarter)?;
        assert_eq!(texts(&quarter), [CARD], "{quarters} quarter turns");
    }
    for degrees in [7.0, 30.0, 45.0, 135.0, 200.0] {
        assert_eq!(texts(&rotated(&card, degrees, 190)?), [CARD], "{degrees} degrees");
    }
    Ok(())
}

#[test]
fn corners_say_where_the_card_is() -> Tested {
    let code = qr_frame(CARD.as_bytes(), &QrStyle::default())?;
    let side = code.width() as f32;
    let frame = placed(&code, 1280, 720)?;
    let reads = decode_once(&frame);
    let [top_left, top_right, bottom_right, bottom_left] = reads[0].corners;
    // The quiet zone is four of the code's squares of four pixels on each side.
    let (reach_x, reach_y) = ((side / 2.0 - 16.0) / 1280.0, (side / 2.0 - 16.0) / 720.0);
    for (corner, left, top) in
        [(top_left, -1.0, -1.0), (top_right, 1.0, -1.0), (bottom_right, 1.0, 1.0), (bottom_left, -1.0, 1.0)]
    {
        assert!((corner.x - (0.5 + left * reach_x)).abs() < 0.01, "{corner:?}");
        assert!((corner.y - (0.5 + top * reach_y)).abs() < 0.01, "{corner:?}");
    }
    Ok(())
}

#[test]
fn short_names_keep_every_mark() -> Tested {
    // Decoders that guess an alphabet guess wrong on short texts most of all.
    let names = "Ái An Ân Ánh Bảo Bích Bình Cẩm Châu Chiến Cúc Cường Dần Diễm Diệu Dũng Duyên Đào Đạt \
                 Đĩnh Đoàn Đỗ Đức Gấm Giang Giàu Hạ Hải Hằng Hậu Hiếu Hoè Hồng Huệ Hưởng Kiều Lễ Lệ Liễu \
                 Lợi Lữ Lụa Mẫn Mến Mỹ Nghĩa Ngọ Nguyệt Nhỡ Nụ Ổi Phượng Quế Quỳnh Sửu Tấn Thìn Thuỷ Tỵ \
                 Ửng Út Vẽ Vũ Xuyến Ý Yến Ỷ Lê Lã Lý Mạ Nở Tý Ất Ẩn Ẵm Ặc Ễnh Ỡ Ữ Ỵ";
    let names: Vec<&str> = names.split_whitespace().collect();
    assert!(names.len() >= 80);
    for name in names {
        let frame = placed(&qr_frame(name.as_bytes(), &QrStyle::default())?, 320, 240)?;
        assert_eq!(texts(&frame), [name]);
    }
    Ok(())
}

#[test]
fn several_cards_in_view_are_all_read() -> Tested {
    let (left, right) = (held_up(b"left")?, held_up("phải".as_bytes())?);
    let rows = left.rows().zip(right.rows()).flat_map(|(left, right)| left.iter().chain(right).copied());
    let mut both = texts(&field_scan::Luma::new(2560, 720, rows.collect())?);
    both.sort();
    assert_eq!(both, ["left", "phải"]);
    Ok(())
}

#[test]
fn a_vaccine_box_is_read_only_when_looked_for_and_keeps_its_fields_apart() -> Tested {
    let code = BarcodeCreator::new(BarcodeFormat::DataMatrix)
        .options("gs1")
        .from_str("(01)08935074600014(17)290800(10)TC24001(21)7")?
        .to_image_with(&BarcodeWriter::default().scale(5).add_quiet_zones(true))?;
    let (width, height) = (u32::try_from(code.width())?, u32::try_from(code.height())?);
    let frame = placed(&field_scan::Luma::new(width, height, code.data())?, 640, 480)?;
    assert_eq!(decode_once(&frame), []);
    let reads = Cascade::standard(Symbols::QrAndDataMatrix).read(&frame);
    assert_eq!(reads.len(), 1);
    assert_eq!(reads[0].symbology, Symbology::Gs1DataMatrix);
    assert_eq!(reads[0].bytes, b"01089350746000141729080010TC24001\x1d217");
    Ok(())
}
