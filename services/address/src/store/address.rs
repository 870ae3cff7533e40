//! `address_address`: where users live and where restaurants are.

use clock::Timestamp;
use contracts::geography::Coordinates;
use contracts::{AddressChanged, AddressDetails, AddressId, EntityId, EntityType, Role, UserId};
use database::{Connection, Database, Result, WriteTransaction};
use sea_orm::ActiveValue::NotSet;
use sea_orm::entity::prelude::*;
use sea_orm::{ExprTrait as _, IntoActiveModel, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};

use crate::model::{
    AddressChange, AddressOwner, AddressParts, CoordinatesFault, Detail, FullAddress, Place, Street, Title, Writer,
    ZipCode,
};

/// An address. Its version is 0 until the first event of it is recorded, which an import leaves to a task.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "address_address")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: AddressId,
    pub(crate) entity_type: EntityType,
    pub(crate) entity_id: EntityId,
    pub(crate) created_by: UserId,
    /// The role of who wrote it first.
    pub(crate) created_as: Role,
    pub(crate) title: Title,
    pub(crate) address: Street,
    pub(crate) city: Place,
    pub(crate) district: Place,
    pub(crate) full_address: FullAddress,
    pub(crate) zip_code: ZipCode,
    pub(crate) apartment: Option<Detail>,
    pub(crate) floor: Option<Detail>,
    pub(crate) door_number: Option<Detail>,
    pub(crate) latitude: Option<f64>,
    pub(crate) longitude: Option<f64>,
    pub(crate) is_default: bool,
    pub(crate) version: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Address;

impl Address {
    /// What `writer` writes down at `now`.
    pub(crate) fn new(id: AddressId, writer: Writer, owner: AddressOwner, parts: AddressParts, now: Timestamp) -> Self {
        let (latitude, longitude) = parts.coordinates.map(degrees).unzip();
        Self {
            id,
            entity_type: owner.entity_type,
            entity_id: owner.entity_id,
            created_by: writer.user_id,
            created_as: writer.role,
            title: parts.title,
            address: parts.address,
            city: parts.city,
            district: parts.district,
            full_address: parts.full_address,
            zip_code: parts.zip_code,
            apartment: parts.apartment,
            floor: parts.floor,
            door_number: parts.door_number,
            latitude,
            longitude,
            is_default: parts.is_default,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whose it is.
    pub(crate) fn owner(&self) -> AddressOwner {
        AddressOwner { entity_type: self.entity_type, entity_id: self.entity_id }
    }

    /// The same with what `change` names.
    pub(crate) fn changed(self, change: AddressChange) -> Result<Self, CoordinatesFault> {
        let before = self.latitude.zip(self.longitude);
        let (latitude, longitude) = change.coordinates.apply(before)?.map(degrees).unzip();
        Ok(Self {
            title: change.title.unwrap_or(self.title),
            address: change.address.unwrap_or(self.address),
            city: change.city.unwrap_or(self.city),
            district: change.district.unwrap_or(self.district),
            full_address: change.full_address.unwrap_or(self.full_address),
            zip_code: change.zip_code.unwrap_or(self.zip_code),
            apartment: change.apartment.apply(self.apartment),
            floor: change.floor.apply(self.floor),
            door_number: change.door_number.apply(self.door_number),
            latitude,
            longitude,
            is_default: change.is_default.unwrap_or(self.is_default),
            ..self
        })
    }

    /// The event of its deletion at `now`.
    pub(crate) fn deletion(self, now: Timestamp) -> AddressChanged {
        let version = self.version + 1;
        AddressChanged { version, address: None, changed_at: now, ..self.into() }
    }
}

fn degrees(coordinates: Coordinates) -> (f64, f64) {
    (coordinates.latitude(), coordinates.longitude())
}

/// The event of what it is now.
impl From<Address> for AddressChanged {
    fn from(address: Address) -> Self {
        let details = AddressDetails {
            title: address.title.into(),
            address: address.address.into(),
            city: address.city.into(),
            district: address.district.into(),
            full_address: address.full_address.into(),
            zip_code: address.zip_code.into(),
            apartment: address.apartment.map(Into::into),
            floor: address.floor.map(Into::into),
            door_number: address.door_number.map(Into::into),
            latitude: address.latitude,
            longitude: address.longitude,
            is_default: address.is_default,
        };
        Self {
            id: address.id,
            entity_type: address.entity_type,
            entity_id: address.entity_id,
            created_by: address.created_by,
            created_as: address.created_as,
            version: address.version,
            address: Some(details),
            changed_at: address.updated_at,
        }
    }
}

/// Begins a transaction that has the owner's addresses to itself.
pub(crate) async fn begin_write(database: &Database, owner: AddressOwner) -> Result<WriteTransaction> {
    begin_write_each(database, [owner]).await
}

/// Begins a transaction that has the addresses of each owner to itself.
pub(crate) async fn begin_write_each(
    database: &Database,
    owners: impl IntoIterator<Item = AddressOwner>,
) -> Result<WriteTransaction> {
    database.begin_locked_each(owners.into_iter().map(|owner| format!("addresses {owner}")).collect()).await
}

pub(crate) async fn insert(tx: &WriteTransaction, address: &Address) -> Result<()> {
    Entity::insert(address.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn find(database: &impl Connection, id: AddressId) -> Result<Option<Address>> {
    Ok(Entity::find_by_id(id).one(database).await?)
}

/// The address, if it is this owner's.
pub(crate) async fn find_of(database: &impl Connection, id: AddressId, owner: AddressOwner) -> Result<Option<Address>> {
    Ok(of(owner).filter(Column::Id.eq(id)).one(database).await?)
}

/// All addresses of the owner, oldest first.
pub(crate) async fn list(database: &impl Connection, owner: AddressOwner) -> Result<Vec<Address>> {
    Ok(of(owner).order_by_asc(Column::CreatedAt).order_by_asc(Column::Id).all(database).await?)
}

/// How many addresses the owner has.
pub(crate) async fn count(database: &impl Connection, owner: AddressOwner) -> Result<u64> {
    Ok(of(owner).count(database).await?)
}

/// Takes the default from the address that has it, and answers that.
pub(crate) async fn clear_default(tx: &WriteTransaction, owner: AddressOwner) -> Result<Vec<Address>> {
    let columns = ActiveModel { is_default: Set(false), updated_at: Set(tx.now()), ..Default::default() };
    let update = Entity::update_many()
        .set(columns)
        .col_expr(Column::Version, Expr::col(Column::Version).add(1_i64))
        .filter(Column::EntityType.eq(owner.entity_type))
        .filter(Column::EntityId.eq(owner.entity_id))
        .filter(Column::IsDefault.eq(true));
    Ok(update.exec_with_returning(tx).await?)
}

/// Writes all that the address has.
pub(crate) async fn update(tx: &WriteTransaction, address: &Address) -> Result<()> {
    let columns = ActiveModel { id: NotSet, ..address.clone().into_active_model().reset_all() };
    Entity::update_many().set(columns).filter(Column::Id.eq(address.id)).exec(tx).await?;
    Ok(())
}

pub(crate) async fn delete(tx: &WriteTransaction, id: AddressId) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Up to `limit` addresses of which no event was recorded, with their owners.
pub(crate) async fn find_unrecorded(database: &impl Connection, limit: u64) -> Result<Vec<(AddressId, AddressOwner)>> {
    let unrecorded = Entity::find().filter(is_unrecorded()).order_by_asc(Column::Id).limit(limit);
    let columns = unrecorded.select_only().columns([Column::Id, Column::EntityType, Column::EntityId]);
    let rows: Vec<(AddressId, EntityType, EntityId)> = columns.into_tuple().all(database).await?;
    Ok(rows.into_iter().map(|(id, entity_type, entity_id)| (id, AddressOwner { entity_type, entity_id })).collect())
}

/// Makes the address the default of an owner who has none.
pub(crate) async fn make_default(tx: &WriteTransaction, id: AddressId, owner: AddressOwner) -> Result<()> {
    if of(owner).filter(Column::IsDefault.eq(true)).count(tx).await? == 0 {
        let columns = ActiveModel { is_default: Set(true), ..Default::default() };
        Entity::update_many().set(columns).filter(Column::Id.eq(id)).exec(tx).await?;
    }
    Ok(())
}

/// Gives those of `ids` of which no event was recorded their first version, and answers them.
pub(crate) async fn begin_versions(tx: &WriteTransaction, ids: Vec<AddressId>) -> Result<Vec<Address>> {
    let first = ActiveModel { version: Set(1), ..Default::default() };
    let update = Entity::update_many().set(first).filter(Column::Id.is_in(ids)).filter(is_unrecorded());
    Ok(update.exec_with_returning(tx).await?)
}

/// As it stands in the index: a value beside the statement would not let a database know that they fit.
fn is_unrecorded() -> Expr {
    Expr::cust("version = 0")
}

fn of(owner: AddressOwner) -> Select<Entity> {
    Entity::find().filter(Column::EntityType.eq(owner.entity_type)).filter(Column::EntityId.eq(owner.entity_id))
}
