//! From what went wrong to a code that a screen acts on.

use std::collections::BTreeMap;

use shared_model::sync::Trouble;

use stick::StickError;

use super::view::{Failure, FieldProblem};
use crate::files::FileError;
use crate::laptop::{OpenError, SayError};
use crate::site_hub::SiteHubError;
use crate::stick::export::ExportError;
use crate::stick::import::ImportError;
use crate::store::StoreError;
use crate::sync::enrol::EnrolError;
use crate::sync::road::RoadError;
use crate::vault::VaultError;
use crate::visit::correct_dose::CorrectDoseError;
use crate::visit::edit_citizen::EditError;
use crate::visit::give_dose::GiveDoseError;
use crate::visit::open_record::OpenRecordError;
use crate::visit::withdraw::WithdrawError;

impl Failure {
    /// Every code there is, for those who keep words for them.
    pub const CODES: [&str; 35] = [
        "already_enrolled",
        "already_withdrawn",
        "bad_request",
        "clock_wrong",
        "code_expired",
        "code_refused",
        "device_revoked",
        "disk_full",
        "fields",
        "forked",
        "from_later_version",
        "hub_damaged",
        "hub_other_campaign",
        "hub_port",
        "no_network",
        "no_rules",
        "not_genuine",
        "not_open",
        "not_yours",
        "other",
        "pin_too_short",
        "pin_wait",
        "read_only",
        "server_busy",
        "server_url_bad",
        "stick_bad",
        "stick_full",
        "stick_gone",
        "stick_no_readers",
        "stick_read_only",
        "store_damaged",
        "unknown_citizen",
        "unknown_statement",
        "wrong_key",
        "wrong_pin",
    ];

    pub fn code(code: &str) -> Self {
        Self { code: code.to_owned(), params: BTreeMap::new() }
    }

    pub(super) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }

    fn fields(problems: &[FieldProblem]) -> Self {
        let mut failure = Self::code("fields");
        for problem in problems {
            failure = failure.with(&problem.register, &problem.problem);
        }
        failure
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::code(match error {
            FileError::DiskFull(_) => "disk_full",
            FileError::ReadOnly(_) => "read_only",
            FileError::Io(_) => "other",
        })
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store could not do it");
        match error {
            StoreError::DiskFull(_) => Self::code("disk_full"),
            StoreError::ReadOnly(_) => Self::code("read_only"),
            StoreError::WrongKeyOrDamaged => Self::code("wrong_key"),
            StoreError::Damaged(_) | StoreError::Gone | StoreError::Nonsense { .. } => Self::code("store_damaged"),
            StoreError::FromLaterVersion => Self::code("from_later_version"),
            StoreError::Io(_) | StoreError::PragmaRefused { .. } | StoreError::Sql(_) => Self::code("other"),
            StoreError::File(error) => error.into(),
        }
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::WrongPin => Self::code("wrong_pin"),
            VaultError::Wait { wait_s } => Self::code("pin_wait").with("wait_s", wait_s),
            VaultError::PinTooShort => Self::code("pin_too_short").with("digits", crate::vault::PIN_DIGITS_MIN),
            VaultError::Damaged => Self::code("store_damaged"),
            VaultError::Files(error) => error.into(),
            VaultError::NoDice(_) => Self::code("other"),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Vault(error) => error.into(),
            OpenError::Store(error) => error.into(),
            OpenError::NotEnrolled => Self::code("not_open"),
            OpenError::Rules => Self::code("store_damaged"),
            OpenError::NoDice(_) => Self::code("other"),
        }
    }
}

impl From<SayError> for Failure {
    fn from(error: SayError) -> Self {
        match error {
            SayError::Store(error) => error.into(),
            SayError::Envelope(_) => Self::code("bad_request"),
            SayError::Record(error) => {
                tracing::error!(%error, "a record could not be drawn");
                Self::code("store_damaged")
            }
            SayError::NoDice(_) => Self::code("other"),
        }
    }
}

impl From<OpenRecordError> for Failure {
    fn from(error: OpenRecordError) -> Self {
        match error {
            OpenRecordError::UnknownCitizen => Self::code("unknown_citizen"),
            OpenRecordError::Say(error) => error.into(),
        }
    }
}

impl From<EditError> for Failure {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Fields(problems) => Self::fields(&problems),
            EditError::Open(error) => error.into(),
            EditError::Say(error) => error.into(),
        }
    }
}

impl From<GiveDoseError> for Failure {
    fn from(error: GiveDoseError) -> Self {
        match error {
            GiveDoseError::Fields(problems) => Self::fields(&problems),
            GiveDoseError::NoRules => Self::code("no_rules"),
            GiveDoseError::Open(error) => error.into(),
            GiveDoseError::Say(error) => error.into(),
        }
    }
}

impl From<WithdrawError> for Failure {
    fn from(error: WithdrawError) -> Self {
        match error {
            WithdrawError::UnknownStatement => Self::code("unknown_statement"),
            WithdrawError::NotYours => Self::code("not_yours"),
            WithdrawError::AlreadyWithdrawn => Self::code("already_withdrawn"),
            WithdrawError::Reason => Self::code("bad_request"),
            WithdrawError::Open(error) => error.into(),
            WithdrawError::Say(error) => error.into(),
        }
    }
}

impl From<CorrectDoseError> for Failure {
    fn from(error: CorrectDoseError) -> Self {
        match error {
            CorrectDoseError::Value => {
                Self::fields(&[FieldProblem { register: "value".to_owned(), problem: "choice".to_owned() }])
            }
            CorrectDoseError::Withdraw(error) => error.into(),
        }
    }
}

impl From<SiteHubError> for Failure {
    fn from(error: SiteHubError) -> Self {
        tracing::warn!(%error, "the hub on this laptop");
        match error {
            SiteHubError::Road(error) => error.into(),
            SiteHubError::Trouble(trouble) => Self::code(trouble_code(&trouble)),
            SiteHubError::OtherCampaign => Self::code("hub_other_campaign"),
            SiteHubError::DiskFull => Self::code("disk_full"),
            SiteHubError::Damaged(_) => Self::code("hub_damaged"),
            SiteHubError::Port(_) => Self::code("hub_port"),
        }
    }
}

impl From<RoadError> for Failure {
    fn from(error: RoadError) -> Self {
        Self::code(match error {
            RoadError::NoNetwork | RoadError::TooLarge => "no_network",
            RoadError::NotTrusted => "not_genuine",
            RoadError::BadAddress => "server_url_bad",
        })
    }
}

/// The code under which a sync's trouble is shown.
pub(crate) fn trouble_code(trouble: &Trouble) -> &'static str {
    use shared_model::sync::message::refusal;
    match trouble {
        Trouble::NoNetwork => "no_network",
        Trouble::NotGenuine => "not_genuine",
        Trouble::Store => "store_damaged",
        Trouble::BadAnswer => "other",
        Trouble::Refused { code, .. } => match code.as_str() {
            refusal::BUSY | refusal::STORE_FULL => "server_busy",
            refusal::DEVICE_REVOKED | refusal::UNKNOWN_DEVICE => "device_revoked",
            refusal::CODE_UNKNOWN => "code_refused",
            refusal::CODE_EXPIRED => "code_expired",
            _ => "other",
        },
    }
}

impl From<EnrolError> for Failure {
    fn from(error: EnrolError) -> Self {
        match error {
            EnrolError::Trouble(trouble) => Self::code(trouble_code(&trouble)),
            EnrolError::WrongAnswer => Self::code("not_genuine"),
            EnrolError::Vault(error) => error.into(),
            EnrolError::Store(error) => error.into(),
            EnrolError::Open(error) => error.into(),
            EnrolError::NoDice(_) => Self::code("other"),
        }
    }
}

impl From<StickError> for Failure {
    fn from(error: StickError) -> Self {
        tracing::error!(%error, "the stick could not do it");
        Self::code(match error {
            StickError::Full(_) => "stick_full",
            StickError::ReadOnly(_) => "stick_read_only",
            StickError::Gone(_) => "stick_gone",
            StickError::ReadBack | StickError::Io(_) | StickError::Frame(_) => "stick_bad",
        })
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::NoReaders => Self::code("stick_no_readers"),
            ExportError::Stick { error, .. } => error.into(),
            ExportError::Locked => Self::code("not_open"),
            ExportError::Store(error) => error.into(),
            ExportError::NoDice(_) => Self::code("other"),
        }
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Stick(error) => error.into(),
            ImportError::Locked => Self::code("not_open"),
            ImportError::Store(error) => error.into(),
        }
    }
}
