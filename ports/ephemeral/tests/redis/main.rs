//! The adapter for Redis keeps the contract on every topology, and what only a store elsewhere has to keep.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod harness;
mod outages;
mod partitions;
mod peers;
mod refusals;
mod scripted;
mod topologies;
mod warnings;

use harness::{RealRedis, Running};
use testkit::servers::redis::{RedisCluster, RedisDoor, RedisSentinels, RedisServer};
use testkit::servers::shared;

async fn keeps_the_contract(running: Running) {
    ephemeral::contract::run_all(&RealRedis::new(running)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_redis_keeps_the_contract() {
    if shared::are_wanted() {
        keeps_the_contract(Running::Single(RedisServer::start().await.unwrap())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_with_a_password_keeps_the_contract() {
    if shared::are_wanted() {
        let server = RedisServer::start_with(RedisDoor::Password, "").await.unwrap();
        keeps_the_contract(Running::Single(server)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_behind_tls_keeps_the_contract() {
    if shared::are_wanted() {
        let server = RedisServer::start_with(RedisDoor::Tls, "").await.unwrap();
        keeps_the_contract(Running::Single(server)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_behind_sentinels_keeps_the_contract() {
    if shared::are_wanted() {
        keeps_the_contract(Running::Sentinels(RedisSentinels::start().await.unwrap())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_of_redis_keeps_the_contract() {
    if shared::are_wanted() {
        keeps_the_contract(Running::Cluster(RedisCluster::start().await.unwrap())).await;
    }
}
