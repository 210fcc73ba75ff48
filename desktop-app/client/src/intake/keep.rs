//! Keeps what came down, raw, before it is understood; what can't be understood stays, and is shown.

use rusqlite::Connection;
use shared_model::envelope::{Envelope, Said};
use shared_model::ids::StatementId;
use shared_model::time::Moment;

use super::verify::verify;
use crate::clock;
use crate::store::{StoreError, attention, envelope};

/// Keeps envelopes the nation or a hub sent. Gives back what is believed, new here or not.
pub fn keep(
    conn: &Connection,
    arrived: &[(StatementId, Envelope)],
    from_nation: bool,
    wall: Moment,
) -> Result<Vec<Said>, StoreError> {
    let mut believed = Vec::new();
    for (statement, raw) in arrived {
        match verify(raw) {
            Ok(said) => {
                clock::heard_stamp(conn, said.header.hlc, wall)?;
                envelope::keep(conn, *statement, raw, Some(&said), from_nation, None)?;
                believed.push(said);
            }
            Err(code) => {
                if envelope::keep(conn, *statement, raw, None, from_nation, Some(code.code()))? {
                    attention::put(conn, &statement.to_string(), code.code(), false)?;
                }
            }
        }
    }
    Ok(believed)
}
