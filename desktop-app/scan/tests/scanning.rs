//! A scanner on its threads, from the first frame to the last.

mod support;

use std::fs;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use field_scan::{
    Clock, Film, HandClock, Luma, NotText, OpenSource, PictureError, Pictures, PicturesPace, ScanEvent, Scanner,
    ScannerSettings, SourceError, SteadyClock, UnreadableWhy,
};
use support::{CARD, LONG, Stage, Tested, fixture, held_up, next_event, text, write};

const NEVER: Duration = Duration::from_secs(86_400);

fn settings() -> ScannerSettings {
    ScannerSettings { frame_time_max: LONG, retry_every: NEVER, ..ScannerSettings::default() }
}

fn folder_of(path: &std::path::Path) -> OpenSource {
    let path = path.to_owned();
    let clock: Arc<dyn Clock> = Arc::new(SteadyClock::start());
    let pace = PicturesPace { frame: Duration::from_millis(5), picture: Duration::from_millis(20) };
    Box::new(move || Ok(Box::new(Pictures::new(&path, pace, Arc::clone(&clock)))))
}

#[test]
fn a_card_held_up_to_an_empty_folder_is_read() -> Tested {
    let folder = tempfile::tempdir()?;
    let (_scanner, heard) = Scanner::start(folder_of(folder.path()), settings())?;
    assert!(matches!(heard.recv_timeout(LONG)?, ScanEvent::Preview(wall) if wall.width == 640));
    write(&folder.path().join("card.png"), &fs::read(fixture("card.png"))?)?;
    assert_eq!(text(next_event(&heard)?).as_deref(), Some(CARD));
    Ok(())
}

#[test]
fn a_damaged_picture_is_reported_and_the_next_is_read() -> Tested {
    let folder = tempfile::tempdir()?;
    let damaged = folder.path().join("1.png");
    fs::copy(fixture("damaged.png"), &damaged)?;
    let (_scanner, heard) = Scanner::start(folder_of(folder.path()), settings())?;
    let report = SourceError::Unreadable { path: damaged, why: PictureError::Damaged };
    assert_eq!(next_event(&heard)?, ScanEvent::Trouble(report));
    write(&folder.path().join("2.png"), &fs::read(fixture("card-blurred-turned-faded.png"))?)?;
    assert_eq!(text(next_event(&heard)?).as_deref(), Some(CARD));
    Ok(())
}

#[test]
fn a_card_is_reported_once_until_it_has_been_away() -> Tested {
    let (hand, stage) = Stage::new();
    let clock = Arc::new(HandClock::default());
    let (scanner, heard) = Scanner::start_by(Arc::clone(&clock) as Arc<dyn Clock>, stage.once(), settings())?;
    let (an, binh) = (held_up("An".as_bytes())?, held_up("Bình".as_bytes())?);
    let next = || next_event(&heard).map(text);

    hand.send(Ok(an.clone()))?;
    assert_eq!(next()?.as_deref(), Some("An"));
    clock.advance(Duration::from_secs(1));
    hand.send(Ok(an.clone()))?;
    hand.send(Ok(binh.clone()))?;
    assert_eq!(next()?.as_deref(), Some("Bình"));
    clock.advance(Duration::from_secs(5));
    hand.send(Ok(an))?;
    assert_eq!(next()?.as_deref(), Some("An"));

    hand.send(Ok(binh.clone()))?;
    assert_eq!(next()?.as_deref(), Some("Bình"));
    scanner.forget_seen();
    hand.send(Ok(binh))?;
    assert_eq!(next()?.as_deref(), Some("Bình"));
    Ok(())
}

#[test]
fn a_read_says_where_and_how_long_and_a_preview_shows_it() -> Tested {
    let (hand, stage) = Stage::new();
    let (_scanner, heard) = Scanner::start(stage.once(), settings())?;
    hand.send(Ok(held_up(CARD.as_bytes())?))?;
    let (mut preview, mut read) = (None, None);
    while preview.is_none() || read.is_none() {
        let event = heard.recv_timeout(LONG)?;
        if let ScanEvent::Preview(shown) = event { preview = Some(shown) } else { read = Some(event) }
    }
    let preview = preview.ok_or("no preview")?;
    assert_eq!((preview.width, preview.height), (640, 360));
    assert!(preview.jpeg.starts_with(&[0xFF, 0xD8, 0xFF]));
    let Some(ScanEvent::Read { corners, frame_ms, .. }) = read else { return Err("no read".into()) };
    assert!(corners.iter().all(|corner| (0.2..0.8).contains(&corner.x) && (0.1..0.9).contains(&corner.y)));
    assert!(frame_ms < 60_000);
    Ok(())
}

#[test]
fn what_is_no_text_is_said_to_be_none() -> Tested {
    let (hand, stage) = Stage::new();
    let (_scanner, heard) = Scanner::start(stage.once(), settings())?;
    hand.send(Ok(held_up(b"Nguy\xEA\xDEn")?))?;
    let event = next_event(&heard)?;
    let ScanEvent::Unreadable { why, corners: Some(_) } = event else { return Err(format!("{event:?}").into()) };
    assert_eq!(why, UnreadableWhy::NotText(NotText::NotUtf8 { at: 4 }));
    Ok(())
}

#[test]
fn a_camera_that_comes_back_is_used_again_by_itself() -> Tested {
    let (hand, stage) = Stage::new();
    let (next_hand, next_stage) = Stage::new();
    let mut openings = vec![
        Ok(next_stage),
        Err(SourceError::Busy),
        Err(SourceError::NoCamera),
        Err(SourceError::NoCamera),
        Err(SourceError::NoCamera),
        Ok(stage),
    ];
    let open: OpenSource = Box::new(move || match openings.pop() {
        Some(Ok(stage)) => Ok(Box::new(stage)),
        Some(Err(error)) => Err(error),
        None => Err(SourceError::Ended),
    });
    let patient = ScannerSettings { retry_every: Duration::from_millis(1), ..settings() };
    let (_scanner, heard) = Scanner::start(open, patient)?;

    hand.send(Ok(held_up(b"before")?))?;
    assert_eq!(text(next_event(&heard)?).as_deref(), Some("before"));
    hand.send(Err(SourceError::Unplugged))?;
    // Each trouble is said once, however often it is met.
    assert_eq!(next_event(&heard)?, ScanEvent::Trouble(SourceError::Unplugged));
    assert_eq!(next_event(&heard)?, ScanEvent::Trouble(SourceError::NoCamera));
    assert_eq!(next_event(&heard)?, ScanEvent::Trouble(SourceError::Busy));
    next_hand.send(Ok(held_up(b"after")?))?;
    assert_eq!(next_event(&heard)?, ScanEvent::Back);
    assert_eq!(text(next_event(&heard)?).as_deref(), Some("after"));
    Ok(())
}

#[test]
fn a_film_that_is_over_is_shown_again_only_when_asked() -> Tested {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("film.y4m");
    let card = held_up(b"in a film")?;
    let frame = [b"FRAME\n", card.bytes()].concat();
    let film = [b"YUV4MPEG2 W1280 H720 F100:1 Cmono\n".as_slice(), &frame, &frame].concat();
    fs::write(&path, film)?;
    let clock: Arc<dyn Clock> = Arc::new(SteadyClock::start());
    let open: OpenSource = Box::new(move || Ok(Box::new(Film::open(&path, Arc::clone(&clock))?)));
    let eager = ScannerSettings { retry_every: Duration::ZERO, unseen_before_news: Duration::ZERO, ..settings() };
    let (scanner, heard) = Scanner::start(open, eager)?;

    let mut events = Vec::new();
    while !events.contains(&ScanEvent::Trouble(SourceError::Ended)) {
        events.push(next_event(&heard)?);
    }
    let until = Duration::from_millis(200);
    while heard.recv_timeout(until).is_ok_and(|event| text(event).is_some()) {}
    assert_eq!(heard.recv_timeout(until), Err(RecvTimeoutError::Timeout));
    scanner.retry();
    assert_eq!(next_event(&heard)?, ScanEvent::Back);
    Ok(())
}

#[test]
fn a_listener_that_is_slow_misses_previews_and_nothing_else() -> Tested {
    let (hand, stage) = Stage::new();
    let eager = ScannerSettings { preview_every: Duration::ZERO, ..settings() };
    let (_scanner, heard) = Scanner::start(stage.once(), eager)?;
    for _ in 0..50 {
        hand.send(Ok(Luma::wall()))?;
    }
    hand.send(Ok(held_up(b"patience")?))?;
    drop(hand);
    let mut events = Vec::new();
    while !(events.contains(&ScanEvent::Trouble(SourceError::Ended))
        && events.iter().any(|event| matches!(event, ScanEvent::Read { .. })))
    {
        events.push(heard.recv_timeout(LONG)?);
    }
    Ok(())
}

#[test]
fn stopping_ends_both_threads_and_lets_go_of_the_source() -> Tested {
    let (hand, stage) = Stage::new();
    let (scanner, heard) = Scanner::start(stage.once(), settings())?;
    hand.send(Ok(Luma::wall()))?;
    assert!(matches!(heard.recv_timeout(LONG)?, ScanEvent::Preview(_)));
    scanner.stop();
    // The source is let go of with the frame it was waiting for.
    let _ = hand.send(Ok(Luma::wall()));
    while heard.recv_timeout(LONG) != Err(RecvTimeoutError::Disconnected) {}
    assert!(hand.send(Ok(Luma::wall())).is_err());
    Ok(())
}

#[test]
fn a_listener_who_leaves_ends_the_scanner() -> Tested {
    let (hand, stage) = Stage::new();
    let (_scanner, heard) = Scanner::start(stage.once(), settings())?;
    drop(heard);
    for _ in 0..10_000 {
        let name = held_up(b"unheard")?;
        if hand.send(Ok(name)).is_err() {
            return Ok(());
        }
        SteadyClock::start().wait(Duration::from_millis(5));
    }
    Err("the scanner goes on for nobody".into())
}
