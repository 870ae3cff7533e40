//! Who sends commercial mail, as each of them has to say.

/// A trader, by what its readers can find it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderIdentity {
    /// The trade name.
    pub title: String,
    /// The number in the central register of Türkiye, MERSİS.
    pub mersis: String,
    /// How it is reached: an address, a telephone number or a page.
    pub contact: String,
}
