//! How our words stand in a column of either database.

use crate::{
    AddressDetails, Catalog, CatalogCampaign, EmailAddress, EntityType, Locale, MailingState, Money, OpeningHours,
    OrderActor, OrderStatus, OrderTerms, PaymentMethod, Phone, Price, Role, ShortText,
};

/// Makes a newtype around a UUID a column value.
#[doc(hidden)]
#[macro_export]
macro_rules! uuid_column {
    ($name:ident) => {
        impl From<$name> for $crate::sea_orm::Value {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }

        impl $crate::sea_orm::TryGetable for $name {
            fn try_get_by<I: $crate::sea_orm::ColIdx>(
                row: &$crate::sea_orm::QueryResult,
                index: I,
            ) -> Result<Self, $crate::sea_orm::TryGetError> {
                $crate::uuid::Uuid::try_get_by(row, index).map(Self)
            }
        }

        impl $crate::sea_orm::sea_query::ValueType for $name {
            fn try_from(value: $crate::sea_orm::Value) -> Result<Self, $crate::sea_orm::sea_query::ValueTypeErr> {
                <$crate::uuid::Uuid as $crate::sea_orm::sea_query::ValueType>::try_from(value).map(Self)
            }

            fn type_name() -> String {
                stringify!($name).to_owned()
            }

            fn array_type() -> $crate::sea_orm::sea_query::ArrayType {
                $crate::sea_orm::sea_query::ArrayType::Uuid
            }

            fn column_type() -> $crate::sea_orm::sea_query::ColumnType {
                $crate::sea_orm::sea_query::ColumnType::Uuid
            }
        }

        impl $crate::sea_orm::sea_query::Nullable for $name {
            fn null() -> $crate::sea_orm::Value {
                <$crate::uuid::Uuid as $crate::sea_orm::sea_query::Nullable>::null()
            }
        }

        impl $crate::sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, $crate::sea_orm::DbErr> {
                Err($crate::sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    };
}

/// Makes a word that has `as_str` and `FromStr` a text column; of a type with parameters, these come first, in brackets.
#[doc(hidden)]
#[macro_export]
macro_rules! text_column {
    ($name:ident) => {
        $crate::text_column!([] $name);
    };
    ([$($generic:tt)*] $name:ty) => {
        impl<$($generic)*> From<$name> for $crate::sea_orm::Value {
            fn from(word: $name) -> Self {
                word.as_str().into()
            }
        }

        impl<$($generic)*> $crate::sea_orm::TryGetable for $name {
            fn try_get_by<I: $crate::sea_orm::ColIdx>(
                row: &$crate::sea_orm::QueryResult,
                index: I,
            ) -> Result<Self, $crate::sea_orm::TryGetError> {
                let text = String::try_get_by(row, index)?;
                // The text itself stays unsaid: errors reach the logs, and some of these words are secrets.
                text.parse().map_err(|_| {
                    $crate::sea_orm::DbErr::Type(format!("a stored text is no {}", stringify!($name))).into()
                })
            }
        }

        impl<$($generic)*> $crate::sea_orm::sea_query::ValueType for $name {
            fn try_from(value: $crate::sea_orm::Value) -> Result<Self, $crate::sea_orm::sea_query::ValueTypeErr> {
                let text = <String as $crate::sea_orm::sea_query::ValueType>::try_from(value)?;
                text.parse().map_err(|_| $crate::sea_orm::sea_query::ValueTypeErr)
            }

            fn type_name() -> String {
                stringify!($name).to_owned()
            }

            fn array_type() -> $crate::sea_orm::sea_query::ArrayType {
                $crate::sea_orm::sea_query::ArrayType::String
            }

            fn column_type() -> $crate::sea_orm::sea_query::ColumnType {
                $crate::sea_orm::sea_query::ColumnType::Text
            }
        }

        impl<$($generic)*> $crate::sea_orm::sea_query::Nullable for $name {
            fn null() -> $crate::sea_orm::Value {
                <String as $crate::sea_orm::sea_query::Nullable>::null()
            }
        }
    };
}

/// Makes what serde writes a text column that holds its JSON.
#[doc(hidden)]
#[macro_export]
macro_rules! json_column {
    ($name:ty) => {
        impl From<$name> for $crate::sea_orm::Value {
            fn from(value: $name) -> Self {
                $crate::serde_json::to_string(&value)
                    .expect("what a column holds has texts as the keys of its maps")
                    .into()
            }
        }

        impl $crate::sea_orm::TryGetable for $name {
            fn try_get_by<I: $crate::sea_orm::ColIdx>(
                row: &$crate::sea_orm::QueryResult,
                index: I,
            ) -> Result<Self, $crate::sea_orm::TryGetError> {
                let text = String::try_get_by(row, index)?;
                $crate::serde_json::from_str(&text).map_err(|fault| {
                    $crate::sea_orm::DbErr::Type(format!("a stored text is no {}: {fault}", stringify!($name))).into()
                })
            }
        }

        impl $crate::sea_orm::sea_query::ValueType for $name {
            fn try_from(value: $crate::sea_orm::Value) -> Result<Self, $crate::sea_orm::sea_query::ValueTypeErr> {
                let text = <String as $crate::sea_orm::sea_query::ValueType>::try_from(value)?;
                $crate::serde_json::from_str(&text).map_err(|_| $crate::sea_orm::sea_query::ValueTypeErr)
            }

            fn type_name() -> String {
                stringify!($name).to_owned()
            }

            fn array_type() -> $crate::sea_orm::sea_query::ArrayType {
                $crate::sea_orm::sea_query::ArrayType::String
            }

            fn column_type() -> $crate::sea_orm::sea_query::ColumnType {
                $crate::sea_orm::sea_query::ColumnType::Text
            }
        }

        impl $crate::sea_orm::sea_query::Nullable for $name {
            fn null() -> $crate::sea_orm::Value {
                <String as $crate::sea_orm::sea_query::Nullable>::null()
            }
        }
    };
}

/// Makes an amount that has `kurus` and `from_kurus` a column of whole numbers.
macro_rules! kurus_column {
    ($name:ident) => {
        impl From<$name> for sea_orm::Value {
            fn from(amount: $name) -> Self {
                amount.kurus().into()
            }
        }

        impl sea_orm::TryGetable for $name {
            fn try_get_by<I: sea_orm::ColIdx>(
                row: &sea_orm::QueryResult,
                index: I,
            ) -> Result<Self, sea_orm::TryGetError> {
                let kurus = <i64 as sea_orm::TryGetable>::try_get_by(row, index)?;
                Self::from_kurus(kurus).map_err(|fault| sea_orm::DbErr::Type(format!("{kurus} kuruş: {fault}")).into())
            }
        }

        impl sea_orm::sea_query::ValueType for $name {
            fn try_from(value: sea_orm::Value) -> Result<Self, sea_orm::sea_query::ValueTypeErr> {
                let kurus = <i64 as sea_orm::sea_query::ValueType>::try_from(value)?;
                Self::from_kurus(kurus).map_err(|_| sea_orm::sea_query::ValueTypeErr)
            }

            fn type_name() -> String {
                stringify!($name).to_owned()
            }

            fn array_type() -> sea_orm::sea_query::ArrayType {
                sea_orm::sea_query::ArrayType::BigInt
            }

            fn column_type() -> sea_orm::sea_query::ColumnType {
                sea_orm::sea_query::ColumnType::BigInteger
            }
        }

        impl sea_orm::sea_query::Nullable for $name {
            fn null() -> sea_orm::Value {
                <i64 as sea_orm::sea_query::Nullable>::null()
            }
        }
    };
}

json_column!(AddressDetails);
json_column!(Catalog);
json_column!(CatalogCampaign);
json_column!(OpeningHours);
json_column!(OrderTerms);
kurus_column!(Money);
kurus_column!(Price);
text_column!(EmailAddress);
text_column!(EntityType);
text_column!(Locale);
text_column!(MailingState);
text_column!(OrderActor);
text_column!(OrderStatus);
text_column!(PaymentMethod);
text_column!(Phone);
text_column!(Role);
text_column!([const MAX: usize] ShortText<MAX>);
