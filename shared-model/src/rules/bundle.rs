//! The rules of a campaign as one signed, dated value.
//!
//! Two forms: a JSON text that people read and review, and canonical CBOR that is signed,
//! carried and hashed. To hold a [`Bundle`] is to know that it was checked.

use minicbor::{Decode, Encode};

use super::check::{self, Wrong};
use super::json;
use super::product::{AgeChange, ExtraDose, IntervalChange, MixRule, PriorityGroup, Product, Source, SourceId};
use crate::certificate::CampaignWord;
use crate::dose::ProductCode;
use crate::hash;
use crate::ids::RulesId;
use crate::limits;
use crate::time::Date;

/// Everything a bundle says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(super) struct Content {
    #[n(0)]
    pub(super) title_vi: String,
    #[n(1)]
    pub(super) title_en: String,
    #[n(2)]
    pub(super) version: u32,
    #[n(3)]
    pub(super) valid_from: Date,
    #[n(4)]
    pub(super) products: Vec<Product>,
    #[n(5)]
    pub(super) interval_changes: Vec<IntervalChange>,
    #[n(6)]
    pub(super) age_changes: Vec<AgeChange>,
    #[n(7)]
    pub(super) mixing: Vec<MixRule>,
    #[n(8)]
    pub(super) extra_doses: Vec<ExtraDose>,
    #[n(9)]
    pub(super) priority_groups: Vec<PriorityGroup>,
    #[n(10)]
    pub(super) sources: Vec<Source>,
}

/// The dated rules, checked and named by the hash of their bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    id: RulesId,
    content: Content,
}

/// Why a text or some bytes are no bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    #[error("larger than a bundle may be")]
    TooLarge,
    #[error("no JSON, at line {line}, column {column}")]
    Json { line: usize, column: usize },
    #[error("not the CBOR of a bundle")]
    Malformed,
    #[error("not the one CBOR form of this bundle")]
    NotCanonical,
    /// The field by its path, such as `products[2].doses`.
    #[error("{field}: {wrong}")]
    Field { field: String, wrong: Wrong },
}

impl Bundle {
    /// Reads the text that people review. Every mistake is named by its field.
    pub fn from_json(text: &str) -> Result<Self, BundleError> {
        if text.len() > limits::BUNDLE_BYTES_MAX {
            return Err(BundleError::TooLarge);
        }
        let content = json::read(text)?;
        check::check(&content)?;
        let bytes = cbor_of(&content);
        if bytes.len() > limits::BUNDLE_BYTES_MAX {
            return Err(BundleError::TooLarge);
        }
        Ok(Self { id: id_of(&bytes), content })
    }

    /// The bytes that are signed and that the id is the hash of.
    pub fn to_cbor(&self) -> Vec<u8> {
        cbor_of(&self.content)
    }

    pub fn from_cbor(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() > limits::BUNDLE_BYTES_MAX {
            return Err(BundleError::TooLarge);
        }
        let content: Content = minicbor::decode(bytes).map_err(|_| BundleError::Malformed)?;
        check::check(&content)?;
        // One bundle, one form, one id: whatever else decodes to the same rules is refused.
        if cbor_of(&content) != bytes {
            return Err(BundleError::NotCanonical);
        }
        Ok(Self { id: id_of(bytes), content })
    }

    pub fn id(&self) -> RulesId {
        self.id
    }

    pub fn title_vi(&self) -> &str {
        &self.content.title_vi
    }

    pub fn title_en(&self) -> &str {
        &self.content.title_en
    }

    pub fn version(&self) -> u32 {
        self.content.version
    }

    /// The first day these rules hold.
    pub fn valid_from(&self) -> Date {
        self.content.valid_from
    }

    /// In the order of the source text.
    pub fn products(&self) -> &[Product] {
        &self.content.products
    }

    pub fn product(&self, code: &ProductCode) -> Option<&Product> {
        self.content.products.iter().find(|product| product.code == *code)
    }

    pub fn interval_changes(&self) -> &[IntervalChange] {
        &self.content.interval_changes
    }

    pub fn age_changes(&self) -> &[AgeChange] {
        &self.content.age_changes
    }

    pub fn mixing(&self) -> &[MixRule] {
        &self.content.mixing
    }

    pub fn extra_doses(&self) -> &[ExtraDose] {
        &self.content.extra_doses
    }

    pub fn priority_groups(&self) -> &[PriorityGroup] {
        &self.content.priority_groups
    }

    pub fn sources(&self) -> &[Source] {
        &self.content.sources
    }

    pub fn source(&self, id: &SourceId) -> Option<&Source> {
        self.content.sources.iter().find(|source| source.id == *id)
    }
}

/// The rules of the campaign of 2021 and 2022, every value with its source.
pub fn covid_2021() -> Result<Bundle, BundleError> {
    Bundle::from_json(include_str!("../../rules/covid-2021.json"))
}

fn cbor_of(content: &Content) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = minicbor::encode(content, &mut bytes);
    bytes
}

fn id_of(bytes: &[u8]) -> RulesId {
    let hash = hash::sha256(hash::RULES, &[bytes]);
    let mut id = [0; RulesId::BYTES];
    id.copy_from_slice(&hash[..RulesId::BYTES]);
    RulesId(id)
}

impl CampaignWord for Bundle {
    const DOMAIN: &'static [u8] = b"so-tiem/bundle/1\0";
}

impl<C> Encode<C> for Bundle {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        self.content.encode(e, ctx)
    }
}

/// Checked like [`Bundle::from_cbor`], so that a signed word is a checked bundle too.
impl<'b, C> Decode<'b, C> for Bundle {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let from = d.position();
        d.skip()?;
        let bytes = &d.input()[from..d.position()];
        Self::from_cbor(bytes).map_err(|wrong| minicbor::decode::Error::custom(wrong).at(from))
    }
}
