//! `/adresler`: all addresses of a reader, of which one may be the default.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{EntityType, Locale};
use kit::{FieldChange, Problem};
use web::{AccountTab, AccountTabs, Flash, Page, Reader, SignedIn, set_cookies};

use super::{LIST, problem, writer};
use crate::actions::{self, Asked};
use crate::api::asked::AskedId;
use crate::error::AddressError;
use crate::model::{AddressChange, CoordinatesChange};
use crate::state::Addresses;
use crate::store::address::Address;

#[derive(Template)]
#[template(path = "addresses.html")]
struct Body {
    locale: Locale,
    tabs: AccountTabs,
    addresses: Vec<Address>,
}

pub(super) async fn show(
    State(addresses): State<Arc<Addresses>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
) -> Result<Page, Problem> {
    let locale = reader.locale;
    let body = Body {
        locale,
        tabs: AccountTabs::new(locale, AccountTab::Addresses, caller.role()),
        addresses: actions::list_addresses(&addresses, caller.user_id(), EntityType::User).await?,
    };
    Ok(Page::of(&reader, locale.say("Adresler", "Addresses"), &body))
}

/// Done twice it is done once.
pub(super) async fn make_default(
    State(addresses): State<Arc<Addresses>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    AskedId(id): AskedId,
) -> Result<Response, Problem> {
    let asked = Asked { id: id.ok_or(AddressError::NotFound)?, entity_type: Some(EntityType::User) };
    actions::update_address(&addresses, writer(&caller), asked, DEFAULT).await.map_err(problem)?;
    Ok((set_cookies([reader.will_hear(Flash::AddressSaved)]), Redirect::to(LIST)).into_response())
}

/// The default, and nothing else.
const DEFAULT: AddressChange = AddressChange {
    title: None,
    address: None,
    city: None,
    district: None,
    full_address: None,
    zip_code: None,
    apartment: FieldChange::Keep,
    floor: FieldChange::Keep,
    door_number: FieldChange::Keep,
    coordinates: CoordinatesChange { latitude: FieldChange::Keep, longitude: FieldChange::Keep },
    is_default: Some(true),
};
