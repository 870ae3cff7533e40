//! `/adresler/{id}/sil`: an address is deleted by a page of its own, for it does not come back.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{EntityType, Locale};
use kit::Problem;
use web::{AccountTab, AccountTabs, Flash, Page, Reader, SignedIn, set_cookies};

use super::{LIST, problem, writer};
use crate::actions::{self, Asked};
use crate::api::asked::AskedId;
use crate::error::AddressError;
use crate::state::Addresses;
use crate::store::address::Address;

#[derive(Template)]
#[template(path = "delete_address.html")]
struct Body {
    locale: Locale,
    tabs: AccountTabs,
    address: Address,
}

pub(super) async fn show(
    State(addresses): State<Arc<Addresses>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    AskedId(id): AskedId,
) -> Result<Page, Problem> {
    let locale = reader.locale;
    let asked = Asked { id: id.ok_or(AddressError::NotFound)?, entity_type: Some(EntityType::User) };
    let address = actions::find_address(&addresses, asked, Some(caller.user_id())).await.map_err(problem)?;
    let body = Body { locale, tabs: AccountTabs::new(locale, AccountTab::Addresses, caller.role()), address };
    Ok(Page::of(&reader, locale.say("Adresi sil", "Delete the address"), &body))
}

/// Whoever presses the button twice sees the list without it; so does who names another's, which stays.
pub(super) async fn delete_address(
    State(addresses): State<Arc<Addresses>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    AskedId(id): AskedId,
) -> Result<Response, Problem> {
    let asked = Asked { id: id.ok_or(AddressError::NotFound)?, entity_type: Some(EntityType::User) };
    match actions::delete_address(&addresses, writer(&caller), asked).await {
        Ok(_) => Ok((set_cookies([reader.will_hear(Flash::AddressDeleted)]), Redirect::to(LIST)).into_response()),
        Err(AddressError::NotYours) => Ok(Redirect::to(LIST).into_response()),
        Err(error) => Err(error.into()),
    }
}
