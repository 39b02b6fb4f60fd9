// The tables that shops export, known by their columns, and what an item is in each.
//
// Shopify: a product, by its Handle, which several rows share. A photo can tell a product; whether
// it is of size S or L, which are variants with an SKU of their own, it cannot. Pictures of
// variants (Variant Image) are further pictures of the product, and the SKUs and barcodes of all
// variants become metadata of the one item. Of other columns that differ between variants the first
// row's value is kept.
//
// WooCommerce: a row, by its SKU, or "id:44" where there is none, as WooCommerce itself refers to
// it. A variation has at most one picture of its own; with it the variation is an item, since the
// shop took a picture to tell it apart; without it the parent's pictures stand for it.
//
// Magento: a product, by its sku. Rows of further store views repeat the sku, and the first row's
// values are kept. The small image and the thumbnail are sizes of the base image or other pictures
// of the product that additional_images has, so they are not read.
//
// Google Merchant: an item by its id, as in the feed. item_group_id is metadata, since a feed has a
// picture for each variant, and the shop can group answers by it.
#include "engine/tables/exports.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "engine/utf8.h"

namespace inlier {
namespace {

const std::vector<TableKind>& KnownKinds() {
  static const std::vector<TableKind> kinds = {
      {.name = "a product export of Shopify",
       .signature = {"handle", "image src"},
       .id = {"handle"},
       .images = {"image src", "variant image"},
       .joined = {"variant sku", "variant barcode"},
       .rows_may_differ = true},
      {.name = "a product export of Shopify",
       .signature = {"url handle", "product image url"},
       .id = {"url handle"},
       .images = {"product image url", "variant image url"},
       .joined = {"sku", "barcode"},
       .rows_may_differ = true},
      {.name = "a product export of WooCommerce",
       .signature = {"type", "sku", "name", "images"},
       .id = {"sku", "id"},
       .second_id_prefix = "id:",
       .images = {"images"},
       .variations_stand_with_parents = true},
      {.name = "a product export of Magento",
       .signature = {"sku", "base image"},
       .id = {"sku"},
       .images = {"base image", "additional images"},
       .rows_may_differ = true,
       .no_picture = "no_selection"},
      {.name = "a feed for Google Merchant",
       .signature = {"id", "image link"},
       .id = {"id"},
       .images = {"image link", "additional image link"}}};
  return kinds;
}

}  // namespace

std::string LooseName(std::string_view column) {
  std::string name = FoldedForm(TrimSpaces(column));
  std::ranges::replace(name, '_', ' ');
  std::ranges::replace(name, '-', ' ');
  return name;
}

bool IsImageColumn(std::string_view loose_name) {
  if (!loose_name.starts_with("image")) return false;
  loose_name.remove_prefix(5);
  if (loose_name == "s") return true;
  if (loose_name.starts_with(' ') && loose_name.size() > 1) loose_name.remove_prefix(1);
  return std::ranges::all_of(loose_name, [](char c) { return c >= '0' && c <= '9'; });
}

const TableKind& KindOf(std::span<const std::string> columns) {
  static const TableKind plain{.id = {"id"}};
  std::unordered_set<std::string> names;
  bool has_image = false;
  for (const std::string& column : columns) {
    names.insert(LooseName(column));
    has_image = has_image || IsImageColumn(LooseName(column));
  }
  const auto fits = [&names](const TableKind& kind) {
    return std::ranges::all_of(kind.signature, [&names](std::string_view column) {
      return names.contains(std::string(column));
    });
  };
  const auto known = std::ranges::find_if(KnownKinds(), fits);
  if (known == KnownKinds().end()) return plain;
  // WooCommerce has an id and images too, and Google's columns may stand beside those of our own.
  const bool is_ours = names.contains("id") && has_image && !known->variations_stand_with_parents;
  return is_ours ? plain : *known;
}

}  // namespace inlier
