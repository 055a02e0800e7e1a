/// The occasion on which a site was carried out, for its history.
enum SiteOccasion: String, CaseIterable {
  case start
  case reload
  case apply
  case trial
  case rollback
}
