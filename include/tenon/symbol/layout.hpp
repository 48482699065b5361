// A layered drawing of a graph without cycles (Sugiyama, Tagawa and Toda, 1981): ranks, an order in each rank
// with few crossings (barycentres), coordinates. Nodes have sizes and never overlap; an edge that passes a
// rank has room of its own there.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace tenon::detail {

class layered_layout {
 public:
  enum class pin { none, top, bottom };

  /// Where an edge passes: down a straight line at x from top to bottom, rank by rank.
  struct passage {
    double x, top, bottom;
  };
  struct edge {
    int from, to;
    double out, in;         // where it leaves and enters, from the nodes' centres
    std::vector<int> path;  // places in the ranks between
  };

  layered_layout(double gap_x, double gap_y) : gap_x_(gap_x), gap_y_(gap_y) {}

  /// Adds a node; pinned ones are alone in the first or last rank. `key` orders pinned nodes, where it is
  /// given.
  int add(double width, double height, pin where = pin::none,
          double key = std::numeric_limits<double>::quiet_NaN()) {
    nodes_.push_back({width, height, where, key});
    return static_cast<int>(nodes_.size()) - 1;
  }
  /// Adds an edge to a node that was added later, or is below by other edges.
  int link(int from, int to, double out = 0, double in = 0) {
    edges_.push_back({from, to, out, in, {}});
    return static_cast<int>(edges_.size()) - 1;
  }

  void run() {
    const int real = static_cast<int>(nodes_.size());
    find_ranks(real);
    split_edges();
    order();
    place();
  }

  double x(int i) const { return nodes_[std::size_t(i)].x; }  // of the centre
  double top(int i) const { return nodes_[std::size_t(i)].y; }
  double width() const { return width_; }
  double height() const { return height_; }
  /// All that an edge passes, from below its first node, straight down to the end of that one's rank, to
  /// above its last node.
  std::vector<passage> route(int e) const {
    const edge& l = edges_[std::size_t(e)];
    const node &from = nodes_[std::size_t(l.from)], &to = nodes_[std::size_t(l.to)];
    std::vector<passage> r{{from.x + l.out, from.y + from.height, rank_bottom(from.rank)}};
    for (const int n : l.path) {
      const node& d = nodes_[std::size_t(n)];
      r.push_back({d.x, rank_top_[std::size_t(d.rank)], rank_bottom(d.rank)});
    }
    r.push_back({to.x + l.in, rank_top_[std::size_t(to.rank)], to.y});
    return r;
  }

 private:
  struct node {
    double width, height;
    pin where;
    double key;
    bool dummy = false;
    int rank = 0;
    double place = 0;  // in its rank
    double x = 0, y = 0;
  };
  struct half {  // an edge to the next rank
    int from, to;
    double out, in;
    double weight;
  };

  node& at(int i) { return nodes_[std::size_t(i)]; }
  double rank_bottom(int r) const { return rank_top_[std::size_t(r)] + rank_height_[std::size_t(r)]; }

  void find_ranks(int real) {
    bool top = false, bottom = false;
    for (const node& n : nodes_) {
      top = top || n.where == pin::top;
      bottom = bottom || n.where == pin::bottom;
    }
    std::vector<int> waiting(std::size_t(real), 0), ready;
    std::vector<std::vector<int>> after(static_cast<std::size_t>(real));
    for (const edge& e : edges_) {
      ++waiting[std::size_t(e.to)];
      after[std::size_t(e.from)].push_back(e.to);
    }
    for (int i = 0; i < real; ++i) {
      at(i).rank = top && at(i).where != pin::top ? 1 : 0;
      if (waiting[std::size_t(i)] == 0) ready.push_back(i);
    }
    for (std::size_t k = 0; k < ready.size(); ++k)
      for (const int to : after[std::size_t(ready[k])]) {
        at(to).rank = std::max(at(to).rank, at(ready[k]).rank + 1);
        if (--waiting[std::size_t(to)] == 0) ready.push_back(to);
      }
    std::vector<bool> fed(std::size_t(real), false);
    for (const edge& e : edges_) fed[std::size_t(e.to)] = true;
    for (std::size_t k = ready.size(); k-- > 0;) {  // what reads nothing stands above its first reader
      const int i = ready[k];
      if (fed[std::size_t(i)] || at(i).where == pin::top || after[std::size_t(i)].empty()) continue;
      int first = std::numeric_limits<int>::max();
      for (const int to : after[std::size_t(i)]) first = std::min(first, at(to).rank);
      at(i).rank = first - 1;
    }
    ranks_ = 0;
    for (const node& n : nodes_) ranks_ = std::max(ranks_, n.rank + 1);
    if (bottom) {
      bool alone = true;
      for (const node& n : nodes_) alone = alone && (n.rank < ranks_ - 1 || n.where == pin::bottom);
      if (!alone) ++ranks_;
      for (node& n : nodes_)
        if (n.where == pin::bottom) n.rank = ranks_ - 1;
    }
  }

  void split_edges() {
    for (edge& e : edges_) {
      int last = e.from;
      double out = e.out;
      const int from = at(e.from).rank, to = at(e.to).rank;
      for (int r = from + 1; r < to; ++r) {
        nodes_.push_back({10, 0, pin::none, std::numeric_limits<double>::quiet_NaN(), true, r});
        const int d = static_cast<int>(nodes_.size()) - 1;
        halves_.push_back({last, d, out, 0, r == from + 1 ? 2.0 : 8.0});
        e.path.push_back(d);
        last = d;
        out = 0;
      }
      halves_.push_back({last, e.to, out, e.in, e.path.empty() ? 1.0 : 2.0});
    }
    in_rank_.resize(std::size_t(ranks_));
    below_.resize(nodes_.size());
    above_.resize(nodes_.size());
    for (int h = 0; h < int(halves_.size()); ++h) {
      below_[std::size_t(halves_[std::size_t(h)].from)].push_back(h);
      above_[std::size_t(halves_[std::size_t(h)].to)].push_back(h);
    }
  }

  // ---- order ----------------------------------------------------------------------------------------------

  double port(int i, double offset) {  // a place between those of neighbours
    const node& n = at(i);
    return n.place + (n.width > 0 ? 0.8 * offset / n.width : 0);
  }
  void renumber(std::vector<int>& rank) {
    for (std::size_t k = 0; k < rank.size(); ++k) at(rank[k]).place = double(k);
  }
  bool keyed(const std::vector<int>& rank) {
    for (const int i : rank)
      if (std::isnan(at(i).key)) return false;
    return !rank.empty();
  }

  void order() {
    // depth first, so that what belongs together starts together
    std::vector<bool> seen(nodes_.size(), false);
    std::vector<int> stack;
    for (int i = int(nodes_.size()) - 1; i >= 0; --i)
      if (above_[std::size_t(i)].empty()) stack.push_back(i);
    while (!stack.empty()) {
      const int i = stack.back();
      stack.pop_back();
      if (seen[std::size_t(i)]) continue;
      seen[std::size_t(i)] = true;
      in_rank_[std::size_t(at(i).rank)].push_back(i);
      for (std::size_t k = below_[std::size_t(i)].size(); k-- > 0;)
        stack.push_back(halves_[std::size_t(below_[std::size_t(i)][k])].to);
    }
    for (std::vector<int>& rank : in_rank_) {
      if (keyed(rank))
        std::stable_sort(rank.begin(), rank.end(), [&](int a, int b) { return at(a).key < at(b).key; });
      renumber(rank);
    }
    std::vector<std::vector<int>> best = in_rank_;
    long least = crossings();
    for (int sweep = 0; sweep < 24 && least > 0; ++sweep) {
      for (int k = 0; k < ranks_; ++k) sort_rank(sweep % 2 == 0 ? k : ranks_ - 1 - k, sweep % 2 == 0);
      if (const long now = crossings(); now < least) {
        least = now;
        best = in_rank_;
      }
    }
    in_rank_ = best;
    for (std::vector<int>& rank : in_rank_) renumber(rank);
  }
  void sort_rank(int r, bool down) {
    std::vector<int>& rank = in_rank_[std::size_t(r)];
    if (keyed(rank)) return;
    std::vector<std::pair<double, int>> wanted;
    for (const int i : rank) {
      double sum = 0;
      int n = 0;
      for (const int h : down ? above_[std::size_t(i)] : below_[std::size_t(i)]) {
        const half& e = halves_[std::size_t(h)];
        const double own = (down ? e.in : e.out) / std::max(1.0, at(i).width) * 0.8;
        sum += (down ? port(e.from, e.out) : port(e.to, e.in)) - own;
        ++n;
      }
      wanted.emplace_back(n > 0 ? sum / n : at(i).place, i);
    }
    std::stable_sort(wanted.begin(), wanted.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t k = 0; k < rank.size(); ++k) rank[k] = wanted[k].second;
    renumber(rank);
  }
  /// Pairs of edges between neighbouring ranks that cross.
  long crossings() {
    std::vector<std::vector<std::pair<double, double>>> between(static_cast<std::size_t>(ranks_));
    for (const half& h : halves_)
      between[std::size_t(at(h.from).rank)].emplace_back(port(h.from, h.out), port(h.to, h.in));
    long n = 0;
    for (auto& lines : between) {
      std::sort(lines.begin(), lines.end());
      std::vector<double> ends;  // sorted, of the lines so far
      for (const auto& [from, to] : lines) {
        const auto at_end = std::upper_bound(ends.begin(), ends.end(), to);
        n += ends.end() - at_end;
        ends.insert(at_end, to);
      }
    }
    return n;
  }

  // ---- coordinates ----------------------------------------------------------------------------------------

  double apart(int a, int b) const {
    const node &p = nodes_[std::size_t(a)], &q = nodes_[std::size_t(b)];
    return (p.width + q.width) / 2 + (p.dummy && q.dummy ? gap_x_ / 2 : gap_x_);
  }

  void place() {
    rank_top_.assign(std::size_t(ranks_), 0);
    rank_height_.assign(std::size_t(ranks_), 0);
    for (const node& n : nodes_)
      rank_height_[std::size_t(n.rank)] = std::max(rank_height_[std::size_t(n.rank)], n.height);
    double y = 0;
    for (int r = 0; r < ranks_; ++r) {
      rank_top_[std::size_t(r)] = y;
      y += rank_height_[std::size_t(r)] + (r + 1 < ranks_ ? gap_y_ : 0);
    }
    height_ = y;
    for (node& n : nodes_)
      n.y = rank_top_[std::size_t(n.rank)] +
            (n.where == pin::bottom ? rank_height_[std::size_t(n.rank)] - n.height
             : n.where == pin::top  ? 0
                                    : (rank_height_[std::size_t(n.rank)] - n.height) / 2);
    for (const std::vector<int>& rank : in_rank_)
      for (std::size_t k = 1; k < rank.size(); ++k)
        at(rank[k]).x = at(rank[k - 1]).x + apart(rank[k - 1], rank[k]);
    for (int sweep = 0; sweep < 40; ++sweep)
      for (int k = 0; k < ranks_; ++k) settle(sweep % 2 == 0 ? k : ranks_ - 1 - k, sweep);
    double left = std::numeric_limits<double>::infinity(), right = -left;
    for (const node& n : nodes_) {
      left = std::min(left, n.x - n.width / 2);
      right = std::max(right, n.x + n.width / 2);
    }
    if (nodes_.empty()) left = right = 0;
    for (node& n : nodes_) n.x -= left;
    width_ = right - left;
  }
  /// Puts the nodes of a rank as near as can be (least squares) to where their neighbours want them, in their
  /// order and apart: neighbours that would overlap move as one block.
  void settle(int r, int sweep) {
    const std::vector<int>& rank = in_rank_[std::size_t(r)];
    struct block {
      double sum, weight;
      std::size_t first;
    };
    std::vector<block> blocks;
    std::vector<double> offset(rank.size(), 0);
    for (std::size_t k = 0; k < rank.size(); ++k) {
      const int i = rank[k];
      if (k > 0) offset[k] = offset[k - 1] + apart(rank[k - 1], i);
      double sum = 0, weight = 0;
      const auto pull = [&](int other, double to, double own, double w) {
        sum += w * (at(other).x + to - own);
        weight += w;
      };
      const bool both = sweep >= 8;
      if (both || sweep % 2 == 0)
        for (const int h : above_[std::size_t(i)]) {
          const half& e = halves_[std::size_t(h)];
          pull(e.from, e.out, e.in, e.weight);
        }
      if (both || sweep % 2 == 1)
        for (const int h : below_[std::size_t(i)]) {
          const half& e = halves_[std::size_t(h)];
          pull(e.to, e.in, e.out, e.weight);
        }
      if (weight == 0) {
        sum = at(i).x;
        weight = 1;
      }
      blocks.push_back({sum - weight * offset[k], weight, k});
      while (blocks.size() > 1) {
        block& b = blocks[blocks.size() - 1];
        block& a = blocks[blocks.size() - 2];
        if (a.sum / a.weight <= b.sum / b.weight) break;
        a.sum += b.sum;
        a.weight += b.weight;
        blocks.pop_back();
      }
    }
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const std::size_t end = b + 1 < blocks.size() ? blocks[b + 1].first : rank.size();
      for (std::size_t k = blocks[b].first; k < end; ++k)
        at(rank[k]).x = blocks[b].sum / blocks[b].weight + offset[k];
    }
  }

  double gap_x_, gap_y_, width_ = 0, height_ = 0;
  int ranks_ = 0;
  std::vector<node> nodes_;
  std::vector<edge> edges_;
  std::vector<half> halves_;
  std::vector<std::vector<int>> in_rank_, above_, below_;
  std::vector<double> rank_top_, rank_height_;
};

}  // namespace tenon::detail
