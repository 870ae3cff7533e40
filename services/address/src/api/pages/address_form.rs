//! `/adresler/yeni` and `/adresler/{id}`: an address is written down, or changed; `/adresler/restoran`: that of a restaurant is written
//! down. Who came from another page goes back there with the address that they chose by it.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::geography::Places;
use contracts::{AddressId, EntityType, Locale};
use kit::idempotency::{Answer, Key, Request};
use kit::{Caller, Fault, Field, FieldChange, IdempotencyKey, Problem, Text, required_fields};
use serde::Deserialize;
use web::{AccountTab, AccountTabs, Flash, FormKey, Page, Reader, ReturnPath, Select, SignedIn, Typed, set_cookies};

use super::{LIST, problem, writer};
use crate::actions::{self, Asked};
use crate::api::asked::AskedId;
use crate::api::body::CreateAddress;
use crate::error::AddressError;
use crate::model::{AddressChange, AddressParts, CoordinatesChange};
use crate::state::Addresses;
use crate::store::address::Address;

const NEW: &str = "/adresler/yeni";
const NEW_OF_RESTAURANT: &str = "/adresler/restoran";
/// What belongs to the form, of all keys of its reader.
const SCOPE: &str = "address form";

/// What distinguishes one showing of the form for a new address from another.
#[derive(Debug, Deserialize)]
struct KeyField {
    #[serde(default)]
    istek: Field<FormKey>,
}

#[derive(Template)]
#[template(path = "address_form.html")]
struct Body<'a> {
    locale: Locale,
    tabs: AccountTabs,
    form: &'a Typed,
    places: &'a Places,
    action: &'a str,
    back: &'a str,
    /// Whether it is where somebody lives, of which one may be the default.
    is_home: bool,
    /// That of a form that makes a new one.
    key: Option<FormKey>,
}

/// Which form is shown.
#[derive(Debug, Clone, Copy)]
enum Subject {
    New(EntityType),
    Known(AddressId),
}

pub(super) async fn show_new(
    State(addresses): State<Arc<Addresses>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
) -> Result<Page, Problem> {
    let list = actions::list_addresses(&addresses, caller.user_id(), EntityType::User).await?;
    // The first address is the one to use until there is another.
    let form = if list.is_empty() { Typed::beginning([(DEFAULT, "1")]) } else { Typed::default() };
    Ok(page(&addresses, (&reader, &caller), &form, &reader.back, Subject::New(EntityType::User)))
}

/// One for a restaurant, which managers write down.
pub(super) async fn show_new_of_restaurant(
    State(addresses): State<Arc<Addresses>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
) -> Result<Page, Problem> {
    if !writer(&caller).may_create(EntityType::Restaurant) {
        return Err(AddressError::NotFound.into());
    }
    let subject = Subject::New(EntityType::Restaurant);
    Ok(page(&addresses, (&reader, &caller), &Typed::default(), &reader.back, subject))
}

pub(super) async fn create_address(
    State(addresses): State<Arc<Addresses>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    typed: Typed,
) -> Response {
    let created = create(&addresses, &caller, EntityType::User, &typed).await;
    answer(&addresses, (&reader, &caller), typed, Subject::New(EntityType::User), created)
}

pub(super) async fn create_address_of_restaurant(
    State(addresses): State<Arc<Addresses>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    typed: Typed,
) -> Result<Response, Problem> {
    if !writer(&caller).may_create(EntityType::Restaurant) {
        return Err(AddressError::NotFound.into());
    }
    let created = create(&addresses, &caller, EntityType::Restaurant, &typed).await;
    Ok(answer(&addresses, (&reader, &caller), typed, Subject::New(EntityType::Restaurant), created))
}

async fn create(
    addresses: &Addresses,
    caller: &Caller,
    entity_type: EntityType,
    typed: &Typed,
) -> Result<AddressId, Problem> {
    let parts = parts(typed)?;
    check_place(&addresses.places, &parts, None)?;
    let KeyField { istek } = typed.filled()?;
    let key: IdempotencyKey = required_fields!(KeyField { istek } => istek)?.into();
    let vault = addresses.context.database.vault();
    let request = Request::new(vault, SCOPE, (caller.user_id(), Key::Sent(&key)), &(entity_type, &parts));
    let new = actions::CreateAddress { writer: writer(caller), entity_type, parts };
    match actions::create_address(addresses, Some(request), new, |address| Answer::created(address.id)).await {
        Ok(answer) => Ok(answer.id()?),
        Err(AddressError::KeyReused) => Err(sent_before()),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn show(
    State(addresses): State<Arc<Addresses>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    AskedId(id): AskedId,
) -> Result<Page, Problem> {
    let address = find(&addresses, &caller, id).await?;
    let form = fields_of(&address, &addresses.places);
    Ok(page(&addresses, (&reader, &caller), &form, &reader.back, Subject::Known(address.id)))
}

/// All fields are sent, so sent twice it changes nothing more.
pub(super) async fn update_address(
    State(addresses): State<Arc<Addresses>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    AskedId(id): AskedId,
    typed: Typed,
) -> Result<Response, Problem> {
    let before = find(&addresses, &caller, id).await?;
    let updated = async {
        let parts = parts(&typed)?;
        check_place(&addresses.places, &parts, Some(&before))?;
        let asked = Asked { id: before.id, entity_type: Some(EntityType::User) };
        let change = change(&before, parts);
        Ok(actions::update_address(&addresses, writer(&caller), asked, change).await.map_err(problem)?.id)
    };
    let updated = updated.await;
    Ok(answer(&addresses, (&reader, &caller), typed, Subject::Known(before.id), updated))
}

async fn find(addresses: &Addresses, caller: &Caller, id: Option<AddressId>) -> Result<Address, Problem> {
    let asked = Asked { id: id.ok_or(AddressError::NotFound)?, entity_type: Some(EntityType::User) };
    actions::find_address(addresses, asked, Some(caller.user_id())).await.map_err(problem)
}

/// The box that is ticked for a default: those of the API are true or false, and that of a form is there or not.
const DEFAULT: &str = "varsayilan";

/// What the form says, in the fields of the API.
fn parts(typed: &Typed) -> Result<AddressParts, Problem> {
    let body: CreateAddress = typed.filled()?;
    let (_, parts) = body.parts(Some(EntityType::User))?;
    Ok(AddressParts { is_default: typed.has(DEFAULT), ..parts })
}

/// Everything of `before` becomes what `parts` says. Where somebody lives elsewhere now, the point on the map is none of theirs.
fn change(before: &Address, parts: AddressParts) -> AddressChange {
    let is_same_place =
        (&before.address, &before.district, &before.city) == (&parts.address, &parts.district, &parts.city);
    let coordinates = if is_same_place {
        CoordinatesChange { latitude: FieldChange::Keep, longitude: FieldChange::Keep }
    } else {
        CoordinatesChange { latitude: FieldChange::Clear, longitude: FieldChange::Clear }
    };
    AddressChange {
        title: Some(parts.title),
        address: Some(parts.address),
        city: Some(parts.city),
        district: Some(parts.district),
        full_address: Some(parts.full_address),
        zip_code: Some(parts.zip_code),
        apartment: parts.apartment.map_or(FieldChange::Clear, FieldChange::Set),
        floor: parts.floor.map_or(FieldChange::Clear, FieldChange::Set),
        door_number: parts.door_number.map_or(FieldChange::Clear, FieldChange::Set),
        coordinates,
        is_default: Some(parts.is_default),
    }
}

/// Refuses an ilçe of another il, unless the address was written down so: names that are none of ours are no fault.
fn check_place(places: &Places, parts: &AddressParts, before: Option<&Address>) -> Result<(), Problem> {
    let (city, district) = (parts.city.as_str(), parts.district.as_str());
    let is_as_before =
        before.is_some_and(|before| (before.city.as_str(), before.district.as_str()) == (city, district));
    if is_as_before || places.find(city, None).is_none() || places.find(city, Some(district)).is_some() {
        return Ok(());
    }
    let text = Text::new("Bu ilçe seçilen ilde yok.", "This district is not in the chosen province.");
    Err(Problem::invalid(vec![Fault::new("district", "DISTRICT_ELSEWHERE", text)]))
}

fn sent_before() -> Problem {
    Problem::conflict(
        "FORM_SENT_BEFORE",
        "Bu form daha önce gönderildi ve adres kaydedildi. Başka bir adres için yeniden gönderin.",
        "This form was sent before, and its address is saved. Send it again for another address.",
    )
}

fn answer(
    addresses: &Addresses,
    (reader, caller): (&Reader, &Caller),
    typed: Typed,
    subject: Subject,
    outcome: Result<AddressId, Problem>,
) -> Response {
    let back = reader.return_path(typed.value("donus"));
    match outcome {
        Ok(id) => {
            let chosen = back.with("adres", &id.to_string());
            let next = if back.is_home() { LIST } else { chosen.as_str() };
            (set_cookies([reader.will_hear(Flash::AddressSaved)]), Redirect::to(next)).into_response()
        }
        Err(problem) => {
            let typed = typed.refused(&problem, reader.locale);
            page(addresses, (reader, caller), &typed, &back, subject).refused(&problem).into_response()
        }
    }
}

/// What the form of a known address begins with: places by the names that can be chosen.
fn fields_of(address: &Address, places: &Places) -> Typed {
    let place = places.find(address.city.as_str(), Some(address.district.as_str()));
    let city = place.or_else(|| places.find(address.city.as_str(), None)).map(|place| place.city);
    let detail = |detail: &Option<crate::model::Detail>| detail.clone().map(String::from).unwrap_or_default();
    let (apartment, floor, door) = (detail(&address.apartment), detail(&address.floor), detail(&address.door_number));
    let default = address.is_default.then_some((DEFAULT, "1"));
    let fields = [
        ("title", address.title.as_str()),
        ("city", city.unwrap_or(address.city.as_str())),
        ("district", place.and_then(|place| place.district).unwrap_or(address.district.as_str())),
        ("address", address.address.as_str()),
        ("apartment", &apartment),
        ("floor", &floor),
        ("door_number", &door),
        ("zip_code", address.zip_code.as_str()),
        ("full_address", address.full_address.as_str()),
    ];
    Typed::beginning(fields.into_iter().chain(default))
}

fn page(
    addresses: &Addresses,
    (reader, caller): (&Reader, &Caller),
    form: &Typed,
    back: &ReturnPath,
    subject: Subject,
) -> Page {
    let locale = reader.locale;
    let new_key = || Some(FormKey::new(&addresses.context.sources));
    let (title, action, key) = match subject {
        Subject::New(EntityType::User) => (locale.say("Adres ekle", "Add an address"), NEW.to_owned(), new_key()),
        Subject::New(EntityType::Restaurant) => {
            let title = locale.say("Restoranın adresini ekle", "Add the address of a restaurant");
            (title, NEW_OF_RESTAURANT.to_owned(), new_key())
        }
        Subject::Known(id) => (locale.say("Adresi düzenle", "Edit the address"), format!("{LIST}/{id}"), None),
    };
    let body = Body {
        locale,
        tabs: AccountTabs::new(locale, AccountTab::Addresses, caller.role()),
        form,
        places: &addresses.places,
        action: &action,
        back: back.as_str(),
        is_home: !matches!(subject, Subject::New(EntityType::Restaurant)),
        key,
    };
    Page::of(reader, title, &body)
}

impl Body<'_> {
    fn title_hint(&self) -> &'static str {
        if self.is_home {
            self.locale.say("Örneğin Ev ya da İş.", "Such as Home or Work.")
        } else {
            self.locale.say("Örneğin Moda şubesi.", "Such as the Moda branch.")
        }
    }

    fn city(&self) -> Select<'_> {
        let value = self.form.value("city");
        let own = (!value.is_empty() && self.places.find(value, None).is_none()).then_some((value, value));
        let choose = ("", self.locale.say("Seçin", "Choose"));
        let known = self.places.by_city().map(|(city, _)| (city, city));
        let select = self.form.select("city", self.locale.say("İl", "Province")).autocomplete("address-level1");
        select.options([choose].into_iter().chain(own)).options(known)
    }

    /// Those of all il, below the name of each, so that it works without script.
    fn district(&self) -> Select<'_> {
        let (city, value) = (self.form.value("city"), self.form.value("district"));
        let own = (!value.is_empty() && self.places.find(city, Some(value)).is_none()).then_some((value, value));
        let choose = ("", self.locale.say("Seçin", "Choose"));
        let select = self.form.select("district", self.locale.say("İlçe", "District")).autocomplete("address-level2");
        let select = select.within(city).options([choose].into_iter().chain(own));
        let by_city = self.places.by_city();
        by_city.fold(select, |select, (city, names)| select.group(city, names.into_iter().map(|name| (name, name))))
    }
}
