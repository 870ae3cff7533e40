//! How a reader's browser shows pages.

/// The language that its reader chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Language {
    Tr,
    En,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    Light,
    Dark,
}

/// Whether scripts run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    On,
    Off,
}

/// A window, and what its reader prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) width: u32,
    pub(crate) language: Language,
    pub(crate) theme: Theme,
}

impl Language {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Tr => "tr",
            Self::En => "en",
        }
    }
}

impl Theme {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl View {
    /// A phone by day, in Turkish.
    pub(crate) const PHONE: Self = Self { width: 360, language: Language::Tr, theme: Theme::Light };

    /// A phone and a desk, in both languages, by day and by night.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let widths = [360, 1280].into_iter();
        let spoken = widths.flat_map(|width| [Language::Tr, Language::En].map(|language| (width, language)));
        spoken.flat_map(|(width, language)| [Theme::Light, Theme::Dark].map(|theme| Self { width, language, theme }))
    }

    /// As the names of pictures have it: `360-tr-light`.
    pub(crate) fn name(self) -> String {
        format!("{}-{}-{}", self.width, self.language.code(), self.theme.code())
    }
}
