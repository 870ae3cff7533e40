//! The first journey of the platform, over HTTP, as people walk it.

mod addresses;
mod bad_input;
mod campaigns;
mod carts;
mod front_end;
mod identity;
mod live;
mod orders;
mod peers;
mod poison;
mod redis_away;
mod refresh;
mod restaurants;
mod sign_in;
mod town;
mod whole;
