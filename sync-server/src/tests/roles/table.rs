//! The matrix. A line is an endpoint, an object, and what each role hears; last come the tables that a success writes.
//!
//! Staff have no districts: an admin or viewer is national. Devices have an area (its feed) and a log of their own.
//! `theirs` is the object of the device `own`: its log, its area's feed, its file, its person; `known` is something
//! of the nation. The same request is sent by everybody, each with his own credentials and from the console's page.

/// Columns: nobody; a cookie nobody gave; sessions that ran out, were ended, were replaced with the password;
/// viewer; admin | a device never enrolled; an enrolled one's name under another key; one of another campaign;
/// one that was revoked; the console's own key; the owner; another of the same area; one of another area; a hub of
/// that area.
pub(super) const COLUMNS: &str = "nobody garbage expired ended replaced viewer admin stranger forged foreign revoked console own sister neighbour \
     hub";

// SO 401 signed_out   NA 403 not_allowed   NF 404 not_found   WP 401 wrong_password   ST 409 stale
// NS 401 not_signed   UD 401 unknown_device   RV 403 device_revoked   FN 403 feed_not_yours   CU 403 code_unknown
// NH 403 not_a_hub
// a - stands between what a browser shows and what a device shows
const TABLE: &str = "
POST /console/api/sign-in                right     200 200 200 200 200 200 200 - 200 200 200 200 200 200 200 200 200  staff_session
POST /console/api/sign-in                wrong     WP  WP  WP  WP  WP  WP  WP  - WP  WP  WP  WP  WP  WP  WP  WP  WP
POST /console/api/sign-in                unknown   WP  WP  WP  WP  WP  WP  WP  - WP  WP  WP  WP  WP  WP  WP  WP  WP
POST /console/api/sign-out               known     SO  SO  SO  SO  SO  204 204 - SO  SO  SO  SO  SO  SO  SO  SO  SO   staff_session
GET  /console/api/me                     known     SO  SO  SO  SO  SO  200 200 - SO  SO  SO  SO  SO  SO  SO  SO  SO
GET  /console/api/overview               known     SO  SO  SO  SO  SO  200 200 - SO  SO  SO  SO  SO  SO  SO  SO  SO
GET  /console/api/completeness           known     SO  SO  SO  SO  SO  200 200 - SO  SO  SO  SO  SO  SO  SO  SO  SO
POST /console/api/check-end              known     SO  SO  SO  SO  SO  200 200 - SO  SO  SO  SO  SO  SO  SO  SO  SO   audit
GET  /console/api/cases                  known     SO  SO  SO  SO  SO  200 200 - SO  SO  SO  SO  SO  SO  SO  SO  SO
GET  /console/api/cases/{id}             known     SO  SO  SO  SO  SO  200 200 - SO  SO  SO  SO  SO  SO  SO  SO  SO   audit
GET  /console/api/cases/{id}             unknown   SO  SO  SO  SO  SO  NF  NF  - SO  SO  SO  SO  SO  SO  SO  SO  SO
GET  /console/api/cases/{id}             no_id     SO  SO  SO  SO  SO  NF  NF  - SO  SO  SO  SO  SO  SO  SO  SO  SO
POST /console/api/cases/{id}/settle      known     SO  SO  SO  SO  SO  NA  200 - SO  SO  SO  SO  SO  SO  SO  SO  SO   *
POST /console/api/cases/{id}/settle      settled   SO  SO  SO  SO  SO  NA  ST  - SO  SO  SO  SO  SO  SO  SO  SO  SO
POST /console/api/cases/{id}/settle      unknown   SO  SO  SO  SO  SO  NA  NF  - SO  SO  SO  SO  SO  SO  SO  SO  SO
POST /console/api/cases/{id}/undo        known     SO  SO  SO  SO  SO  NA  200 - SO  SO  SO  SO  SO  SO  SO  SO  SO   *
POST /console/api/cases/{id}/undo        unknown   SO  SO  SO  SO  SO  NA  NF  - SO  SO  SO  SO  SO  SO  SO  SO  SO
GET  /console/api/devices                known     SO  SO  SO  SO  SO  200 200 - SO  SO  SO  SO  SO  SO  SO  SO  SO
POST /console/api/devices/{id}/revoke    known     SO  SO  SO  SO  SO  NA  204 - SO  SO  SO  SO  SO  SO  SO  SO  SO   device audit *
POST /console/api/devices/{id}/revoke    unknown   SO  SO  SO  SO  SO  NA  NF  - SO  SO  SO  SO  SO  SO  SO  SO  SO   audit
POST /console/api/devices/{id}/revoke    console   SO  SO  SO  SO  SO  NA  NF  - SO  SO  SO  SO  SO  SO  SO  SO  SO   audit
POST /console/api/enrolment-codes        known     SO  SO  SO  SO  SO  NA  200 - SO  SO  SO  SO  SO  SO  SO  SO  SO   audit enrolment_code
GET  /console/api/quarantine             known     SO  SO  SO  SO  SO  200 200 - SO  SO  SO  SO  SO  SO  SO  SO  SO
GET  /console/api/citizens/{id}          known     SO  SO  SO  SO  SO  200 200 - SO  SO  SO  SO  SO  SO  SO  SO  SO   audit
GET  /console/api/citizens/{id}          unknown   SO  SO  SO  SO  SO  NF  NF  - SO  SO  SO  SO  SO  SO  SO  SO  SO   audit
GET  /console/api/citizens/{id}          number    SO  SO  SO  SO  SO  NF  NF  - SO  SO  SO  SO  SO  SO  SO  SO  SO

POST /device/enrol                       right     200 200 200 200 200 200 200 - 200 200 200 200 200 200 200 200 200  device author enrolment_code *
POST /device/enrol                       theirs    CU  CU  CU  CU  CU  CU  CU  - CU  CU  CU  CU  CU  CU  CU  CU  CU
POST /device/enrol                       unknown   CU  CU  CU  CU  CU  CU  CU  - CU  CU  CU  CU  CU  CU  CU  CU  CU
POST /device/introduce                   genuine   200 200 200 200 200 200 200 - 200 200 200 200 200 200 200 200 200
POST /device/introduce                   false     NS  NS  NS  NS  NS  NS  NS  - NS  NS  NS  NS  NS  NS  NS  NS  NS
POST /device/greet                       named     200 200 200 200 200 200 200 - 200 200 200 200 200 200 200 200 200
POST /device/greet                       revoked   RV  RV  RV  RV  RV  RV  RV  - RV  RV  RV  RV  RV  RV  RV  RV  RV
POST /device/greet                       unknown   UD  UD  UD  UD  UD  UD  UD  - UD  UD  UD  UD  UD  UD  UD  UD  UD
POST /device/hello                       theirs    NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  200 UD  UD  UD   device *
POST /device/hello                       unknown   NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  UD  UD  UD  UD
POST /device/push                        theirs    NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  200 UD  UD  UD   *
POST /device/push                        unknown   NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  UD  UD  UD  UD
POST /device/pull                        theirs    NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  200 200 FN  200
POST /device/pull                        unknown   NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  FN  FN  FN  FN
POST /device/segments                    theirs    NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  200 200 FN  200
POST /device/segments                    unknown   NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  FN  FN  FN  FN
GET  /device/segment/{sha256}            theirs    NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  200 200 NF  200
GET  /device/segment/{sha256}            unknown   NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  NF  NF  NF  NF
POST /device/snapshot                    theirs    NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  200 200 FN  200
POST /device/snapshot                    unknown   NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  FN  FN  FN  FN
GET  /device/snapshot/{sha256}           theirs    NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  200 200 NF  200
GET  /device/snapshot/{sha256}           unknown   NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  NF  NF  NF  NF
POST /device/prior                       known     NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  200 200 200 200
GET  /device/prior/{sha256}              known     NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  200 200 200 200
GET  /device/prior/{sha256}              unknown   NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  NF  NF  NF  NF
POST /device/stick-recipients            known     NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  200 200 200 200
POST /device/fetch                       theirs    NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  200 200 200 200  audit
POST /device/fetch                       unknown   NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  200 200 200 200  audit

POST /hub/enrol                          right     200 200 200 200 200 200 200 - 200 200 200 200 200 200 200 200 200  device enrolment_code *
POST /hub/enrol                          theirs    CU  CU  CU  CU  CU  CU  CU  - CU  CU  CU  CU  CU  CU  CU  CU  CU
POST /hub/enrol                          unknown   CU  CU  CU  CU  CU  CU  CU  - CU  CU  CU  CU  CU  CU  CU  CU  CU
POST /hub/hello                          theirs    NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  NH  NH  NH  200  device hub_contact hub_log
POST /hub/hello                          unknown   NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  NH  NH  NH  UD
POST /hub/push                           theirs    NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  NH  NH  NH  200  *
POST /hub/push                           unknown   NS  NS  NS  NS  NS  NS  NS  - UD  NS  NS  RV  UD  NH  NH  NH  UD

GET  /healthz                            known     200 200 200 200 200 200 200 - 200 200 200 200 200 200 200 200 200
GET  /metrics                            known     200 200 200 200 200 200 200 - 200 200 200 200 200 200 200 200 200
GET  /openapi.json                       known     200 200 200 200 200 200 200 - 200 200 200 200 200 200 200 200 200
";

pub(super) struct Row {
    pub endpoint: String,
    pub object: String,
    pub cells: Vec<String>,
    /// Tables that a success writes; `*` for more than are named.
    pub writes: Vec<String>,
}

impl Row {
    /// Guessing is slowed, so everybody guesses at a server of his own.
    pub fn is_slowed(&self) -> bool {
        ["sign-in", "enrol", "introduce"].iter().any(|slowed| self.endpoint.ends_with(slowed))
    }
}

pub(super) fn rows() -> Vec<Row> {
    let columns = COLUMNS.split_whitespace().count();
    TABLE
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let mut words = line.split_whitespace().filter(|word| *word != "-").map(str::to_owned);
            let mut next = || words.next().unwrap_or_default();
            let endpoint = format!("{} {}", next(), next());
            let object = next();
            let cells = words.by_ref().take(columns).collect();
            Row { endpoint, object, cells, writes: words.collect() }
        })
        .collect()
}

/// Status and code of a cell.
pub(super) fn expected(cell: &str) -> (u16, String) {
    let (status, code) = match cell {
        "SO" => (401, "signed_out"),
        "NA" => (403, "not_allowed"),
        "NF" => (404, "not_found"),
        "WP" => (401, "wrong_password"),
        "ST" => (409, "stale"),
        "NS" => (401, "not_signed"),
        "UD" => (401, "unknown_device"),
        "RV" => (403, "device_revoked"),
        "FN" => (403, "feed_not_yours"),
        "CU" => (403, "code_unknown"),
        "NH" => (403, "not_a_hub"),
        status => (status.parse().unwrap(), ""),
    };
    (status, code.to_owned())
}
