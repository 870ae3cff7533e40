//! Which rows of a list a client of the first platform wants.

/// How deep into a list anybody may look.
const DEEPEST: u64 = 10_000;

/// A part of a list, by its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListPage {
    pub(crate) offset: u64,
    pub(crate) limit: u64,
}

/// What a client says of the part: each number above zero, and left out where none is sent.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ListPart {
    pub(crate) page: Option<u64>,
    pub(crate) page_size: Option<u64>,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: Option<u64>,
}

/// The part begins too deep in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooDeep;

impl ListPage {
    /// Rows a page where the client does not say.
    pub(crate) const USUAL: u64 = 20;
    /// Rows a page at most.
    pub(crate) const MOST: u64 = 100;

    /// By `page` and `page_size`, else by `limit` and `offset`, with `usual` rows where neither says how many.
    pub(crate) fn of(usual: u64, asked: ListPart) -> Result<Self, TooDeep> {
        let ListPart { page, page_size, limit, offset } = asked;
        let asked = match page {
            Some(page) => {
                let limit = page_size.unwrap_or(usual).min(Self::MOST);
                Self { offset: (page - 1).saturating_mul(limit), limit }
            }
            None => Self { offset: offset.unwrap_or(0), limit: limit.unwrap_or(usual).min(Self::MOST) },
        };
        if asked.offset > DEEPEST { Err(TooDeep) } else { Ok(asked) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_counted_from_one_and_has_an_end() {
        let by_page = |page, page_size| ListPart { page, page_size, ..ListPart::default() };
        let by_rows = |limit, offset| ListPart { limit, offset, ..ListPart::default() };
        let of = |asked| ListPage::of(ListPage::USUAL, asked).map(|ListPage { offset, limit }| (offset, limit));

        assert_eq!(of(ListPart::default()), Ok((0, 20)));
        assert_eq!(of(by_page(Some(3), None)), Ok((40, 20)));
        assert_eq!(of(ListPart { limit: Some(5), offset: Some(7), ..by_page(Some(2), Some(12)) }), Ok((12, 12)));
        assert_eq!(of(by_rows(Some(5), Some(7))), Ok((7, 5)));
        assert_eq!(of(by_page(Some(1), Some(1_000_000_000))), Ok((0, 100)));
        assert_eq!(of(ListPart { page_size: Some(12), ..by_rows(Some(1_000_000_000), None) }), Ok((0, 100)));
        assert_eq!(of(by_page(Some(501), None)), Ok((10_000, 20)));
        assert_eq!(of(by_page(Some(502), None)), Err(TooDeep));
        assert_eq!(of(by_page(Some(u64::MAX), Some(100))), Err(TooDeep));
    }
}
