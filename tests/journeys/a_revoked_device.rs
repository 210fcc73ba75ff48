use serde_json::json;
use world::{World, astrazeneca};

#[test]
fn a_revoked_laptop_is_told_so_goes_on_writing_and_what_it_said_before_stays() {
    let world = World::seeded(90);
    let alley = world.laptop("hem 42");
    alley.gives(&world.citizen("Lê Văn An", "1970-01-01"), &astrazeneca(1));
    alley.syncs();
    let nation = world.nation();
    let id = nation.device("hem 42")["id"].as_str().unwrap().to_owned();
    let (status, _) = nation.post(&format!("devices/{id}/revoke"), json!({ "note": "mất máy" }));
    assert_eq!(status, 204);
    let binh = world.citizen("Lê Thị Bình", "1971-01-01");
    let dose = alley.gives(&binh, &astrazeneca(1));
    assert_eq!(alley.tries_to_sync().trouble.as_deref(), Some("device_revoked"));
    assert_eq!(alley.doses_of(&alley.scans(&binh)), [dose], "the laptop still records");
    assert_eq!(world.nation().dose_count(), 1);
}

#[test]
fn a_code_lets_one_laptop_in_and_no_second() {
    let world = World::seeded(91);
    world.laptop("hem 42");
    let refused = world.try_to_enrol("CODE-0");
    assert_eq!(refused.unwrap_err().code, "code_refused");
    assert_eq!(world.try_to_enrol("NO-SUCH-CODE").unwrap_err().code, "code_refused");
}
