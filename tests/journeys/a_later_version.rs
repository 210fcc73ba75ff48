use shared_model::citizen::{Phone, RegisterValue};
use shared_model::statement::{Body, Statement, Subject};
use world::{World, astrazeneca};

fn phone(number: &str) -> Vec<RegisterValue> {
    vec![RegisterValue::Phone(Phone::parse(number).unwrap())]
}

/// What a statement of a later version says, as CBOR that this version steps over.
fn something_new() -> Vec<u8> {
    minicbor::to_vec(["một", "điều", "mới"]).unwrap()
}

#[test]
fn a_kind_of_tomorrow_reaches_every_laptop_and_stands_in_nobodys_way() {
    let world = World::seeded(120);
    let alley = world.laptop("hem 42");
    let mut later = world.handmade("ban moi");
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let dose = alley.gives(&khai, &astrazeneca(1));
    world.mend_roads_and_settle();
    let citizen = later.citizen(&khai);
    later.says(&world, citizen, Statement::Unknown { kind: 900, cbor: something_new() }, &[]);
    later.edits(&world, citizen, phone("0912345678"), &[]);
    assert_eq!(later.pushes(&world), []);
    world.mend_roads_and_settle();
    let fresh = world.laptop("nha van hoa");
    world.mend_roads_and_settle();
    let nation = world.nation();
    let root = nation.root_of(&citizen.to_string());
    for team in [&alley, &fresh] {
        let citizen = citizen.to_string();
        assert_eq!((team.doses_of(&citizen), team.shows(&citizen, "phone")), (vec![dose.clone()], "0912345678".into()));
        assert_eq!(team.opens(&citizen).state_root, root, "the statement counts as held, understood or not");
        assert_eq!(team.desk.sync_state().unwrap().attention, []);
    }
    assert_eq!(nation.get("quarantine").as_array().map(Vec::len), Some(0));
}

#[test]
fn an_envelope_of_tomorrow_is_kept_and_named_and_what_follows_it_is_believed() {
    let world = World::seeded(121);
    let alley = world.laptop("hem 42");
    let mut later = world.handmade("ban moi");
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let citizen = later.citizen(&khai);
    alley.scans(&khai);
    world.mend_roads_and_settle();
    let body = Body {
        salt: [1; 8],
        statement: Statement::Unknown { kind: 900, cbor: something_new() },
        seen: Vec::new(),
        based_on: Vec::new(),
    };
    let mut envelope = later.envelope(&world, Subject::Citizen(citizen), &body);
    // The second byte of a header is its version.
    envelope.header[1] = 2;
    later.writes(envelope);
    let dose = later.gives(&world, citizen);
    assert_eq!(later.pushes(&world), [(1, "future_version".to_owned())]);
    world.mend_roads_and_settle();
    assert_eq!(alley.doses_of(&citizen.to_string()), [dose.to_string()]);
    let nation = world.nation();
    let quarantine = nation.get("quarantine");
    let line = &quarantine.as_array().unwrap()[0];
    assert_eq!((line["code"].as_str(), line["device_name"].as_str()), (Some("future_version"), Some("ban moi")));
    assert_eq!(nation.get("overview")["quarantined"], 1);
    let log = &nation.device("ban moi")["logs"][0];
    assert_eq!((log["durable_to"].as_u64(), log["missing"].as_array().map(Vec::len)), (Some(2), Some(0)));
}

/// Kept under one person's name by one device's mistake; everybody else's day goes on.
#[test]
fn a_log_full_of_nonsense_is_kept_whole_and_blocks_nobody() {
    let world = World::seeded(122);
    let alley = world.laptop("hem 42");
    let mut broken = world.handmade("may hong");
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let citizen = broken.citizen(&khai);
    let dose = alley.gives(&khai, &astrazeneca(1));
    let plain = |number| Body {
        salt: [number; 8],
        statement: Statement::Unknown { kind: 900, cbor: something_new() },
        seen: Vec::new(),
        based_on: Vec::new(),
    };
    let mut mismatched = broken.envelope(&world, Subject::Citizen(citizen), &plain(1));
    mismatched.body.as_mut().unwrap()[3] ^= 1;
    broken.writes(mismatched);
    broken.writes(shared_model::envelope::Envelope { header: vec![0xff; 40], body: Some(vec![1, 2, 3]) });
    let mut erased = broken.envelope(&world, Subject::Citizen(citizen), &plain(3));
    erased.body = None;
    broken.writes(erased);
    let mut too_large = broken.envelope(&world, Subject::Citizen(citizen), &plain(4));
    too_large.body = Some(vec![0; 5_000]);
    broken.writes(too_large);
    let codes = ["body_mismatch", "malformed", "malformed", "beyond_limits"].map(ToOwned::to_owned);
    assert_eq!(broken.pushes(&world), (1..).zip(codes).collect::<Vec<_>>());
    world.mend_roads_and_settle();
    let nation = world.nation();
    assert_eq!(nation.doses_of(&citizen.to_string()), std::slice::from_ref(&dose));
    assert_eq!(alley.doses_of(&citizen.to_string()), [dose]);
    assert_eq!(nation.get("quarantine").as_array().map(Vec::len), Some(4));
    assert_eq!(nation.device("may hong")["quarantined"], 4);
}

#[test]
fn a_number_far_beyond_any_log_and_a_later_protocol_are_refused_by_name() {
    use shared_model::sync::message::{Greet, Greeted, Push};
    use world::handmade::{cbor, read};
    let world = World::seeded(123);
    let mut device = world.handmade("may hong");
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let citizen = device.citizen(&khai);
    device.gives(&world, citizen);
    let refused = |push: &Push| device.asks::<shared_model::certificate::Signed>(&world, "/device/push", push);
    let far = Push { from: u64::MAX, ..device.range() };
    assert_eq!(refused(&far).unwrap_err().code, "hole");
    let later = Greet { device: device.device, protocol: 200 };
    let parcel = field_client::sync::road::Parcel {
        path: "/device/greet".to_owned(),
        body: Some(cbor(&later)),
        headers: Vec::new(),
    };
    assert_eq!(read::<Greeted>(&world.replay(&parcel)).unwrap_err().code, "future_protocol");
}
