//! Which part of a list the query asks for.

use kit::{Fault, Faults, FieldValue, Parameter, Problem, Text};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::model::{ListPage, ListPart};

/// By pages, or by rows.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct ListParameters {
    /// From 1 on. What is no number is ignored, here and below.
    #[serde(default)]
    #[param(required = false, value_type = String)]
    page: Parameter<Count>,
    /// Rows a page, up to 100. When left out: 20 restaurants, 100 campaigns.
    #[serde(default)]
    #[param(required = false, value_type = String)]
    page_size: Parameter<Count>,
    /// Without `page`: rows, up to 100. When left out: 20 restaurants, 100 campaigns.
    #[serde(default)]
    #[param(required = false, value_type = String)]
    limit: Parameter<Count>,
    /// Without `page`: rows before the first one.
    #[serde(default)]
    #[param(required = false, value_type = String)]
    offset: Parameter<Count>,
}

/// A number above zero.
#[derive(Debug)]
struct Count(u64);

impl FieldValue for Count {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let count = raw.parse().ok().filter(|count| *count > 0);
        count.map(Self).ok_or(("NUMBER_INVALID", NO_COUNT))
    }
}

impl ListParameters {
    /// The part, of `usual` rows where nothing is said of their number.
    pub(in crate::api) fn page(self, usual: u64) -> Result<ListPage, Problem> {
        let mut faults = Faults::default();
        let mut count = |name, count| faults.lenient(name, count).map(|Count(count)| count);
        let asked = ListPart {
            page: count("page", self.page),
            page_size: count("page_size", self.page_size),
            limit: count("limit", self.limit),
            offset: count("offset", self.offset),
        };
        faults.check()?;
        ListPage::of(usual, asked).map_err(|_| {
            let field = if asked.page.is_some() { "page" } else { "offset" };
            Problem::invalid(vec![Fault::new(field, "TOO_DEEP", TOO_DEEP)])
        })
    }
}

const NO_COUNT: Text = Text::new("Bu, sıfırdan büyük bir sayı olmalıdır.", "This must be a number above zero.");
const TOO_DEEP: Text = Text::new(
    "Listenin bu kadar derinine bakılamaz; süzün ya da başka türlü sıralayın.",
    "Nobody looks so deep into a list; filter it or sort it otherwise.",
);
