//! Which rows of a list a client of the first platform wants.

/// How deep into a list anybody may look.
const DEEPEST: u64 = 10_000;

/// A part of a list, by its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListPage {
    pub(crate) offset: u64,
    pub(crate) limit: u64,
}

/// The part begins too deep in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooDeep;

impl ListPage {
    /// Rows a page where the client does not say.
    pub(crate) const USUAL: u64 = 20;
    /// Rows a page at most.
    pub(crate) const MOST: u64 = 100;
    /// What nobody has asked otherwise for.
    pub(crate) const FIRST: Self = Self { offset: 0, limit: Self::USUAL };

    /// By `page` and `page_size`, else by `limit` and `offset`, with `usual` rows where neither says how many. What is no number
    /// above zero is as if it was not sent.
    pub(crate) fn of(
        usual: u64,
        page: Option<&str>,
        page_size: Option<&str>,
        limit: Option<&str>,
        offset: Option<&str>,
    ) -> Result<Self, TooDeep> {
        let number =
            |text: Option<&str>| text.and_then(|text| text.trim().parse::<u64>().ok()).filter(|number| *number > 0);
        let asked = match number(page) {
            Some(page) => {
                let limit = number(page_size).unwrap_or(usual).min(Self::MOST);
                Self { offset: (page - 1).saturating_mul(limit), limit }
            }
            None => Self { offset: number(offset).unwrap_or(0), limit: number(limit).unwrap_or(usual).min(Self::MOST) },
        };
        if asked.offset > DEEPEST { Err(TooDeep) } else { Ok(asked) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_counted_from_one_and_has_an_end() {
        let of = |page, page_size, limit, offset| {
            ListPage::of(ListPage::USUAL, page, page_size, limit, offset)
                .map(|ListPage { offset, limit }| (offset, limit))
        };

        assert_eq!(of(None, None, None, None), Ok((0, 20)));
        assert_eq!(of(Some("3"), None, None, None), Ok((40, 20)));
        assert_eq!(of(Some("2"), Some("12"), Some("5"), Some("7")), Ok((12, 12)));
        assert_eq!(of(None, None, Some("5"), Some("7")), Ok((7, 5)));
        assert_eq!(of(Some("1"), Some("1000000000"), None, None), Ok((0, 100)));
        assert_eq!(of(None, Some("12"), Some("1000000000"), None), Ok((0, 100)));
        assert_eq!(of(Some("-1"), Some("x"), Some("-5"), Some("")), Ok((0, 20)));
        assert_eq!(of(Some("501"), None, None, None), Ok((10_000, 20)));
        assert_eq!(of(Some("502"), None, None, None), Err(TooDeep));
        assert_eq!(of(Some("18446744073709551615"), Some("100"), None, None), Err(TooDeep));
    }
}
