//! ⑩ One person, drawn from the statements at the moment of asking.

use shared_model::ids::CitizenId;
use shared_model::record::{Case, Record};
use shared_model::view::{self, CitizenView};

use super::acquaintance::{self, Met};
use crate::intake::{apply, raise};
use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::Testimony;

/// A person with everything said about them and what in it cannot stand.
pub struct Portrait {
    pub card: CitizenId,
    pub record: Record,
    pub cases: Vec<Case>,
    pub testimony: Testimony,
}

/// `None` when nobody ever said anything about this card.
pub async fn portrait(office: &Office, card: CitizenId) -> Result<Option<Portrait>, StoreError> {
    let testimony = office.store.testimony(card).await?;
    if testimony.kept.is_empty() {
        return Ok(None);
    }
    let people = apply::draw(&testimony, &office.rules).map_err(|_| StoreError::BadRow)?;
    let Some(drawn) = people.into_iter().find(|drawn| drawn.cards().contains(&card)) else { return Ok(None) };
    let holders = office.store.holders(drawn.cards().clone()).await?;
    let cases = raise::cases(&drawn, &holders, &apply::received(&testimony), &office.rules);
    Ok(Some(Portrait { card, record: drawn.merged.record, cases, testimony }))
}

pub async fn citizen(office: &Office, card: CitizenId) -> Result<Option<CitizenView>, StoreError> {
    let Some(portrait) = portrait(office, card).await? else { return Ok(None) };
    let met = acquaintance::met(office, portrait.testimony.kept.values()).await?;
    Ok(Some(view_of(office, &portrait, &met)))
}

pub fn view_of(office: &Office, portrait: &Portrait, met: &Met) -> CitizenView {
    let today = office.now().campaign_date();
    let Portrait { card, record, cases, .. } = portrait;
    view::citizen_view(*card, record, cases, office.rules_today(), today, met)
}
