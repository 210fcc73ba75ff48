use shared_model::view::DoseStateView;
use world::{World, astrazeneca};

#[test]
fn a_corrected_lot_reaches_the_nation_and_the_other_laptop_and_the_first_word_stays() {
    let world = World::seeded(40);
    let (alley, tower) = (world.laptop("hem 42"), world.laptop("chung cu A"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let dose = alley.gives(&khai, &astrazeneca(1));
    let citizen = alley.scans(&khai);
    alley.syncs();
    alley.corrects_lot(&dose, "pv46665");
    alley.syncs();
    world.nation();
    tower.syncs();
    for team in [&alley, &tower] {
        let shown = &team.opens(&citizen).doses[0];
        assert_eq!((shown.lot.as_str(), shown.amended.as_slice()), ("PV46665", ["lot".to_owned()].as_slice()));
        assert_eq!(shown.statement, dose, "the first statement stands, amended");
    }
}

#[test]
fn an_undone_dose_is_withdrawn_everywhere_and_hidden_nowhere() {
    let world = World::seeded(41);
    let (alley, tower) = (world.laptop("hem 42"), world.laptop("chung cu A"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let dose = alley.gives(&khai, &astrazeneca(1));
    alley.withdraws(&dose, "undone");
    let citizen = alley.scans(&khai);
    alley.syncs();
    world.nation();
    tower.syncs();
    for team in [&alley, &tower] {
        let doses = team.opens(&citizen).doses;
        assert_eq!(doses.iter().map(|dose| dose.state).collect::<Vec<_>>(), [DoseStateView::Withdrawn]);
    }
    assert_eq!(alley.desk.today().unwrap().doses, 0);
}

#[test]
fn another_teams_dose_is_not_ours_to_change() {
    let world = World::seeded(42);
    let (alley, tower) = (world.laptop("hem 42"), world.laptop("chung cu A"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let dose = alley.gives(&khai, &astrazeneca(1));
    alley.syncs();
    world.nation();
    tower.syncs();
    let refused = tower.desk.withdraw(field_client::desk::view::Withdraw {
        statement: dose,
        reason: "mistake".to_owned(),
        note: String::new(),
    });
    assert_eq!(refused.unwrap_err().code, "not_yours");
}
