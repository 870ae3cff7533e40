//! Campaigns know whether their restaurant is a draft, so that the list of all reads none of those.
//!
//! `restaurant_campaign_by_end` is used by nothing any more; the release after this one drops it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::boolean;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let hidden = boolean("hidden").default(false).take();
        schema.alter_table(Table::alter().table("restaurant_campaign").add_column(hidden).take()).await?;
        schema.get_connection().execute(&of_drafts()).await?;
        schema.create_index(listed()).await
    }
}

fn of_drafts() -> UpdateStatement {
    let drafts = Query::select()
        .column("id")
        .from("restaurant_restaurant")
        .and_where(Expr::cust("draft_reason IS NOT NULL OR deleted_at IS NOT NULL"))
        .take();
    Query::update()
        .table("restaurant_campaign")
        .value("hidden", true)
        .and_where(Expr::col("restaurant_id").in_subquery(drafts))
        .take()
}

fn listed() -> IndexCreateStatement {
    Index::create()
        .name("restaurant_campaign_listed")
        .table("restaurant_campaign")
        .col("end_date")
        .col("id")
        .and_where(Expr::cust("NOT hidden"))
        .take()
}
