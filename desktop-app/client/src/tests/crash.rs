//! A process that dies with people in its memory, and one that says all it can in its log: neither tells a name.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::{env, fs, io, process, thread};

use ed25519_dalek::SigningKey;
use shared_model::certificate::Signed;
use shared_model::envelope::LogHead;
use shared_model::sync::message::{Greeted, Hello, HelloAnswer};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use super::bench::{Bench, PIN};
use super::canaries::{Hunter, Person, every_file};
use super::pretend::Office;
use crate::desk::view::{CitizenRef, Look, LookAnswer};
use crate::discretion;
use crate::sync::http::Http;
use crate::sync::road::{Parcel, Reply, Road};

const PEOPLE: usize = 6;
const HOW: &str = "SO_TIEM_TEST_CRASH";

fn people() -> Vec<Person> {
    (0..PEOPLE).map(Person::number).collect()
}

/// Enrols, greets and says hello; whatever is pushed is not taken.
fn answers(parcel: &Parcel) -> Reply {
    let body = parcel.body.as_deref().and_then(|body| zstd::decode_all(body).ok()).unwrap_or_default();
    let ok = |body| Reply { status: 200, zstd: false, body };
    match parcel.path.as_str() {
        "/device/greet" => ok(minicbor::to_vec(Greeted { nonce: vec![1; 40], protocol: 1, hub: None }).unwrap()),
        "/device/hello" => {
            let hello: Hello = minicbor::decode(&body).unwrap();
            let answer = HelloAnswer {
                device: hello.device,
                nonce: hello.nonce,
                now_ms: hello.wall_ms,
                held: LogHead::empty(hello.device, hello.epoch),
                national_to: 0,
                fresh_epoch: None,
                feeds: Vec::new(),
                rules: Vec::new(),
                quarantined: Vec::new(),
                is_nation: true,
                national: None,
                ended_hubs: None,
            };
            ok(minicbor::to_vec(Signed::make(&answer, &SigningKey::from_bytes(&[7; 32]))).unwrap())
        }
        _ => Office.carry(parcel).unwrap_or(Reply { status: 500, zstd: false, body: Vec::new() }),
    }
}

/// Enough of HTTP for a laptop.
fn serves(stream: TcpStream) -> io::Result<()> {
    let mut hear = BufReader::new(stream.try_clone()?);
    let mut say = stream;
    loop {
        let (mut lines, mut line) = (Vec::new(), String::new());
        while hear.read_line(&mut line)? > 2 {
            lines.push(std::mem::take(&mut line));
        }
        let Some(path) = lines.first().and_then(|line| line.split(' ').nth(1)) else { return Ok(()) };
        let length =
            lines.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        hear.read_exact(&mut body)?;
        // What travels is folded, not encrypted: whoever is inside the TLS reads it.
        if path == "/device/push" {
            fs::write("pushed", zstd::decode_all(&body[..])?)?;
        }
        let reply = answers(&Parcel { path: path.to_owned(), body: Some(body), headers: Vec::new() });
        write!(say, "HTTP/1.1 {} x\r\ncontent-length: {}\r\n\r\n", reply.status, reply.body.len())?;
        say.write_all(&reply.body)?;
    }
}

fn an_office_on_a_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || serves(stream.unwrap()));
        }
    });
    address
}

#[cfg(target_os = "linux")]
fn may_leave_no_core_file() {
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
}

#[cfg(not(target_os = "linux"))]
fn may_leave_no_core_file() {}

/// Not a test of its own: the others start it as a process.
#[test]
#[ignore = "started by the others"]
fn a_laptop_that_dies() {
    let Ok(how) = env::var(HOW) else { return };
    // As the product's own `main` does it, at the most verbose level there is; or as it would be done without care.
    let all = tracing_subscriber::registry().with(EnvFilter::new("trace"));
    let log = fmt::layer().with_writer(io::stderr).with_ansi(false);
    if how.starts_with("careless") {
        all.with(log).init();
    } else {
        discretion::crash_without_names();
        all.with(log.with_filter(filter_fn(discretion::may_be_logged))).init();
        may_leave_no_core_file();
        // A line of our own at the lowest level is heard.
        tracing::trace!("ready");
    }
    let office = an_office_on_a_port();
    let bench = Bench::on_road(
        33,
        env::current_dir().unwrap().join("laptop"),
        Box::new(move |_| Ok(Box::new(Http::to(&office)?))),
    );
    bench.enrol(PIN).unwrap();
    people().iter().for_each(|person| person.comes(&bench));
    bench.desk.sync_and_wait().unwrap();
    bench.desk.lock().unwrap();
    bench.unlock("111111").unwrap_err();
    bench.unlock(PIN).unwrap();
    let people = bench.desk.look(Look { text: "trương".to_owned(), from_camera: false }).unwrap();
    let LookAnswer::People { lines, .. } = people else { panic!("{people:?}") };
    let view = bench.desk.open_citizen(CitizenRef { citizen: lines[0].id.clone() }).unwrap();
    match how.trim_start_matches("careless ") {
        // Cut in the middle of a letter, a text is quoted whole.
        "quote" => drop(view.name[..3].to_owned()),
        "unwrap" => refused(view).unwrap(),
        "thread" => thread::spawn(move || panic!("{}", view.name)).join().unwrap(),
        "abort" => process::abort(),
        _ => {}
    }
}

fn refused<T>(view: T) -> Result<(), T> {
    Err(view)
}

/// Everything a dying laptop leaves: what it said, and every file in its folder, around it and in the temporary one.
fn dies(how: &str) -> (Output, BTreeMap<String, Vec<u8>>) {
    let place = tempfile::tempdir().unwrap();
    let temporary = place.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "tests::crash::a_laptop_that_dies", "--ignored", "--nocapture"])
        .current_dir(place.path())
        .env(HOW, how)
        .env("TMPDIR", &temporary)
        .env("RUST_BACKTRACE", "full")
        .output()
        .unwrap();
    let name = |path: &std::path::Path| path.strip_prefix(place.path()).unwrap().to_string_lossy().into_owned();
    let files = every_file(place.path()).iter().map(|path| (name(path), fs::read(path).unwrap())).collect();
    (output, files)
}

fn hits(hunter: &Hunter, (output, files): &(Output, BTreeMap<String, Vec<u8>>)) -> Vec<String> {
    let said = [("stdout", &output.stdout), ("stderr", &output.stderr)];
    let files = files.iter().filter(|(name, _)| *name != "pushed").map(|(name, bytes)| (name.as_str(), bytes));
    let found = files.chain(said).filter(|(_, bytes)| !hunter.find(bytes).is_empty());
    found.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn no_crash_and_no_log_at_its_most_verbose_tells_anything_of_anybody() {
    let hunter = Hunter::after(&people());
    for how in ["nothing", "quote", "unwrap", "thread", "abort"] {
        let left = dies(how);
        let log = String::from_utf8_lossy(&left.0.stderr);
        assert_eq!(left.0.status.success(), how == "nothing", "{how}: {log}");
        assert!(log.contains("TRACE field_client") && log.contains("ready"), "nothing was heard: {log}");
        assert!(!log.contains("ureq"), "bytes of the road are in the log: {log}");
        assert_eq!(log.contains("a panic"), ["quote", "unwrap", "thread"].contains(&how), "{how}");
        assert_eq!(hits(&hunter, &left), [""; 0], "{how}: {log}");
        assert!(left.1.keys().all(|name| !name.contains("core")), "{how}: {:?}", left.1.keys());
        // Names travel readable inside TLS and are promised to nobody there.
        assert!(!hunter.find(&left.1["pushed"]).is_empty());
    }
}

#[test]
fn a_crash_that_nobody_keeps_quiet_is_heard_by_the_hunter() {
    let hunter = Hunter::after(&people());
    for how in ["careless quote", "careless unwrap", "careless thread"] {
        let left = dies(how);
        assert_eq!(hits(&hunter, &left), ["stderr"], "{how}");
        // The key that turns card numbers into ids, as it came over the road: eight bytes of it in one line.
        let log = String::from_utf8_lossy(&left.0.stderr);
        assert!(log.contains("0808 0808 0808 0808"), "nothing of the road was in the log");
    }
}
