//! The JSON source of a bundle, read field by field so that a mistake is named by its path.

use serde_json::{Map, Value};

use super::bundle::{BundleError, Content};
use super::check::{Wrong, wrong};
use super::product::{
    AgeChange, ExtraDose, ExtraKind, Interval, IntervalChange, MixRule, PriorityGroup, Product, Source, SourceId,
    Sourced, Wait,
};
use crate::dose::{ProductCode, Route};
use crate::time::Date;

pub(super) fn read(text: &str) -> Result<Content, BundleError> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| BundleError::Json { line: error.line(), column: error.column() })?;
    content(&Node { path: String::new(), value: &value })
}

/// A value and the way to it.
struct Node<'a> {
    path: String,
    value: &'a Value,
}

impl<'a> Node<'a> {
    fn wrong(&self, what: Wrong) -> BundleError {
        wrong(if self.path.is_empty() { "bundle" } else { &self.path }, what)
    }

    /// The members, when there are none but these.
    fn members(&self, allowed: &[&str]) -> Result<&'a Map<String, Value>, BundleError> {
        let members = self.value.as_object().ok_or_else(|| self.wrong(Wrong::Type))?;
        match members.keys().find(|key| !allowed.contains(&key.as_str())) {
            Some(unknown) => Err(wrong(self.path_of(unknown), Wrong::UnknownField)),
            None => Ok(members),
        }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The member, unless it is absent or null.
    fn member(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Self { path: self.path_of(key), value })
    }

    fn need(&self, key: &str) -> Result<Self, BundleError> {
        self.member(key).ok_or_else(|| wrong(self.path_of(key), Wrong::Missing))
    }

    fn optional<T>(&self, key: &str, read: impl Fn(&Self) -> Result<T, BundleError>) -> Result<Option<T>, BundleError> {
        self.member(key).map(|node| read(&node)).transpose()
    }

    fn each<T>(&self, read: impl Fn(&Self) -> Result<T, BundleError>) -> Result<Vec<T>, BundleError> {
        let items = self.value.as_array().ok_or_else(|| self.wrong(Wrong::Type))?;
        items
            .iter()
            .enumerate()
            .map(|(at, value)| read(&Self { path: format!("{}[{at}]", self.path), value }))
            .collect()
    }

    /// A list; an absent one is empty.
    fn list<T>(&self, key: &str, read: impl Fn(&Self) -> Result<T, BundleError>) -> Result<Vec<T>, BundleError> {
        self.optional(key, |node| node.each(&read)).map(Option::unwrap_or_default)
    }

    fn str(&self) -> Result<&'a str, BundleError> {
        self.value.as_str().ok_or_else(|| self.wrong(Wrong::Type))
    }

    fn text(&self) -> Result<String, BundleError> {
        self.str().map(str::to_owned)
    }

    fn number<T: TryFrom<u64>>(&self) -> Result<T, BundleError> {
        self.value.as_u64().and_then(|number| T::try_from(number).ok()).ok_or_else(|| self.wrong(Wrong::Type))
    }

    fn bool(&self) -> Result<bool, BundleError> {
        self.value.as_bool().ok_or_else(|| self.wrong(Wrong::Type))
    }

    fn flag(&self, key: &str) -> Result<bool, BundleError> {
        self.optional(key, Self::bool).map(Option::unwrap_or_default)
    }

    fn date(&self) -> Result<Date, BundleError> {
        Date::parse_iso(self.str()?).map_err(|_| self.wrong(Wrong::Date))
    }

    fn product(&self) -> Result<ProductCode, BundleError> {
        ProductCode::parse(self.str()?).map_err(|_| self.wrong(Wrong::Code))
    }

    fn source_id(&self) -> Result<SourceId, BundleError> {
        SourceId::parse(self.str()?).map_err(|_| self.wrong(Wrong::Code))
    }

    /// `{"is": …, "sources": […], "unconfirmed": true}`.
    fn sourced<T>(&self, read: impl Fn(&Self) -> Result<T, BundleError>) -> Result<Sourced<T>, BundleError> {
        self.members(&["is", "sources", "unconfirmed"])?;
        let value = read(&self.need("is")?)?;
        Ok(Sourced { value, sources: self.sources()?, unconfirmed: self.flag("unconfirmed")? })
    }

    fn sources(&self) -> Result<Vec<SourceId>, BundleError> {
        self.list("sources", Self::source_id)
    }
}

fn content(node: &Node<'_>) -> Result<Content, BundleError> {
    node.members(&[
        "title_vi",
        "title_en",
        "version",
        "valid_from",
        "products",
        "interval_changes",
        "age_changes",
        "mixing",
        "extra_doses",
        "priority_groups",
        "sources",
    ])?;
    Ok(Content {
        title_vi: node.need("title_vi")?.text()?,
        title_en: node.need("title_en")?.text()?,
        version: node.need("version")?.number()?,
        valid_from: node.need("valid_from")?.date()?,
        products: node.need("products")?.each(product)?,
        interval_changes: node.list("interval_changes", interval_change)?,
        age_changes: node.list("age_changes", age_change)?,
        mixing: node.list("mixing", mix_rule)?,
        extra_doses: node.list("extra_doses", extra_dose)?,
        priority_groups: node.list("priority_groups", priority_group)?,
        sources: node.need("sources")?.each(source)?,
    })
}

fn product(node: &Node<'_>) -> Result<Product, BundleError> {
    node.members(&[
        "code",
        "name",
        "manufacturer",
        "eu_code",
        "doses",
        "intervals",
        "age_years_min",
        "age_years_max",
        "doses_per_vial",
        "components_differ",
        "route",
        "authorised_from",
    ])?;
    Ok(Product {
        code: node.need("code")?.product()?,
        name: node.need("name")?.text()?,
        manufacturer: node.need("manufacturer")?.text()?,
        eu_code: node.optional("eu_code", |node| node.sourced(Node::text))?,
        doses: node.need("doses")?.sourced(Node::number)?,
        intervals: node.list("intervals", interval)?,
        age_years_min: node.need("age_years_min")?.sourced(Node::number)?,
        age_years_max: node.optional("age_years_max", |node| node.sourced(Node::number))?,
        doses_per_vial: node.optional("doses_per_vial", |node| node.sourced(Node::number))?,
        components_differ: node.optional("components_differ", |node| node.sourced(Node::bool))?,
        route: node.need("route")?.sourced(|node| node.str().map(Route::from_code))?,
        authorised_from: node.need("authorised_from")?.sourced(Node::date)?,
    })
}

fn interval(node: &Node<'_>) -> Result<Interval, BundleError> {
    node.members(&["after_dose", "days_min", "days_recommended_from", "days_recommended_to"])?;
    Ok(Interval {
        after_dose: node.need("after_dose")?.number()?,
        days_min: node.need("days_min")?.sourced(Node::number)?,
        days_recommended_from: node.need("days_recommended_from")?.sourced(Node::number)?,
        days_recommended_to: node.need("days_recommended_to")?.sourced(Node::number)?,
    })
}

fn interval_change(node: &Node<'_>) -> Result<IntervalChange, BundleError> {
    node.members(&[
        "product",
        "after_dose",
        "units",
        "from",
        "days_min",
        "days_recommended_from",
        "days_recommended_to",
        "sources",
        "unconfirmed",
    ])?;
    Ok(IntervalChange {
        product: node.need("product")?.product()?,
        after_dose: node.need("after_dose")?.number()?,
        units: node.list("units", Node::text)?,
        from: node.need("from")?.date()?,
        days_min: node.need("days_min")?.number()?,
        days_recommended_from: node.need("days_recommended_from")?.number()?,
        days_recommended_to: node.need("days_recommended_to")?.number()?,
        sources: node.sources()?,
        unconfirmed: node.flag("unconfirmed")?,
    })
}

fn age_change(node: &Node<'_>) -> Result<AgeChange, BundleError> {
    node.members(&["product", "from", "age_years_min", "age_years_max", "sources", "unconfirmed"])?;
    Ok(AgeChange {
        product: node.need("product")?.product()?,
        from: node.need("from")?.date()?,
        age_years_min: node.need("age_years_min")?.number()?,
        age_years_max: node.optional("age_years_max", Node::number)?,
        sources: node.sources()?,
        unconfirmed: node.flag("unconfirmed")?,
    })
}

fn mix_rule(node: &Node<'_>) -> Result<MixRule, BundleError> {
    node.members(&["first", "then", "from", "until", "consent", "sources", "unconfirmed"])?;
    Ok(MixRule {
        first: node.need("first")?.product()?,
        then: node.need("then")?.each(Node::product)?,
        from: node.need("from")?.date()?,
        until: node.optional("until", Node::date)?,
        consent: node.need("consent")?.bool()?,
        sources: node.sources()?,
        unconfirmed: node.flag("unconfirmed")?,
    })
}

fn extra_dose(node: &Node<'_>) -> Result<ExtraDose, BundleError> {
    node.members(&[
        "kind",
        "place",
        "after",
        "on_indication",
        "wait",
        "from",
        "until",
        "age_years_min",
        "products",
        "sources",
        "unconfirmed",
    ])?;
    Ok(ExtraDose {
        kind: extra_kind(&node.need("kind")?)?,
        place: node.need("place")?.number()?,
        after: node.list("after", Node::product)?,
        on_indication: node.flag("on_indication")?,
        wait: wait(&node.need("wait")?)?,
        from: node.need("from")?.date()?,
        until: node.optional("until", Node::date)?,
        age_years_min: node.need("age_years_min")?.number()?,
        products: node.list("products", Node::product)?,
        sources: node.sources()?,
        unconfirmed: node.flag("unconfirmed")?,
    })
}

fn extra_kind(node: &Node<'_>) -> Result<ExtraKind, BundleError> {
    let code = node.str()?;
    ExtraKind::KNOWN.into_iter().find(|kind| kind.code() == code).ok_or_else(|| node.wrong(Wrong::Word))
}

/// `{"days": 28}` or `{"months": 3}`.
fn wait(node: &Node<'_>) -> Result<Wait, BundleError> {
    node.members(&["days", "months"])?;
    match (node.member("days"), node.member("months")) {
        (Some(days), None) => days.number().map(Wait::Days),
        (None, Some(months)) => months.number().map(Wait::Months),
        (Some(_), Some(_)) | (None, None) => Err(node.wrong(Wrong::Word)),
    }
}

fn priority_group(node: &Node<'_>) -> Result<PriorityGroup, BundleError> {
    node.members(&["number", "title_vi", "title_en", "sources"])?;
    Ok(PriorityGroup {
        number: node.need("number")?.number()?,
        title_vi: node.need("title_vi")?.text()?,
        title_en: node.need("title_en")?.text()?,
        sources: node.sources()?,
    })
}

fn source(node: &Node<'_>) -> Result<Source, BundleError> {
    node.members(&["id", "title", "date", "found_at"])?;
    Ok(Source {
        id: node.need("id")?.source_id()?,
        title: node.need("title")?.text()?,
        date: node.optional("date", Node::date)?,
        found_at: node.need("found_at")?.text()?,
    })
}
