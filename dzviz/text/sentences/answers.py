"""Why gradients are what they are, and what mends it; in English, Korean and Japanese: a table."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    # An answer and its parts.
    "{name}.grad is {value}: {why}": (
        "{name}.grad = {value}: {why}",
        "{name}.grad = {value}: {why}",
    ),
    "path: {what}": ("경로: {what}", "経路: {what}"),
    "fix: {what}": ("해결 방법: {what}", "直し方: {what}"),
    "{why}; its norm is {value} times that of the seed (dzviz flow shows where it becomes so small)": (
        "{why}; 노름이 seed의 {value}배 (어디에서 이렇게 작아지는지는 dzviz flow가 보여 줌)",
        "{why}; ノルムが seed の {value} 倍 (どこでこれほど小さくなるかは dzviz flow が示す)",
    ),
    "{count} gradients are smaller than 1e-7 times the seed, down to {value} (dzviz flow shows where they become so small): {names}": (
        "기울기 {count}개가 seed의 1e-7배 미만, 가장 작은 것은 {value}배 (어디에서 이렇게 작아지는지는 dzviz flow가 보여 줌): {names}",
        "勾配 {count} 個が seed の 1e-7 倍未満、最小は {value} 倍 (どこでこれほど小さくなるかは dzviz flow が示す): {names}",
    ),
    "there are no variables, so there are no gradients": (
        "변수가 없으므로 기울기도 없음",
        "変数がないので勾配もない",
    ),
    "no problem with {count} more: {names}": (
        "그 밖에 {count}개는 문제 없음: {names}",
        "ほかの {count} 個は問題なし: {names}",
    ),
    "and {count} more": ("그 밖에 {count}개", "ほか {count} 個"),
    "0 everywhere ({count} elements)": ("모두 0 (원소 {count}개)", "すべて 0 (要素 {count} 個)"),
    "{count} elements": ("원소 {count}개", "要素 {count} 個"),
    "none finite": ("유한한 것 없음", "有限なものなし"),
    "the output": ("출력", "出力"),
    "it": ("이 변수", "この変数"),
    "nothing": ("없음", "なし"),
    "{op} in {function}": ("{op} ({function} 안)", "{op} ({function} の中)"),
    "the result of {op}": ("{op}의 결과", "{op} の結果"),
    "the constant {value}": ("상수 {value}", "定数 {value}"),
    "{first}; and {last}": ("{first}; 또한 {last}", "{first}; また {last}"),
    "{first}; on another path, {last}": (
        "{first}; 다른 경로에서는 {last}",
        "{first}; 別の経路では {last}",
    ),
    "{first}; on another path, {last}, and likewise on others": (
        "{first}; 다른 경로에서는 {last}, 나머지 경로도 마찬가지",
        "{first}; 別の経路では {last}, ほかの経路も同様",
    ),
    # All is well, or it is another's.
    "it is {what}": ("{what}", "{what}"),
    "compute it again, and run the pass again": (
        "다시 계산하고 역전파를 다시 실행",
        "計算し直し、逆伝播をやり直す",
    ),
    "call {output}.backward() for the gradient of {output}": (
        "{output}의 기울기가 필요하면 {output}.backward() 호출",
        "{output} の勾配なら {output}.backward() を呼ぶ",
    ),
    "it is used {count} times, and the shares {shares} add up, as they should": (
        "{count}번 쓰여 기여 {shares}의 합이 됨, 올바른 동작",
        "{count} 回使われ、寄与 {shares} の和になる、正しい動作",
    ),
    "the shares that flowed back to it, {shares}, add up to {total}": (
        "돌아온 기여 {shares}의 합은 {total}",
        "戻ってきた寄与 {shares} の和は {total}",
    ),
    "the share that flowed back to it is {shares}": (
        "돌아온 기여는 {shares}",
        "戻ってきた寄与は {shares}",
    ),
    "check what else went into it (a gradient from before, a hook), and that the pass adds each share to what is there": (
        "다른 것이 들어갔는지 (이전의 기울기, 훅), 역전파가 각 기여를 이미 있는 값에 더하는지 확인하기",
        "ほかに入ったもの (前の勾配、フック) がないか、逆伝播が各寄与を既にある値に足すかを確かめる",
    ),
    "it is what the pass starts from at {output}": (
        "역전파가 {output}에서 시작하는 값",
        "{output} で逆伝播が始まる値",
    ),
    "it came from {output} through {ops}": (
        "{output}에서 시작해 다음을 거쳐 옴: {ops}",
        "{output} から次を通って届いた: {ops}",
    ),
    "it is the gradient of {output}, which is {kind}: {why}": (
        "{output}의 기울기인데 {output}의 값이 {kind}: {why}",
        "{output} の勾配だが {output} の値が {kind}: {why}",
    ),
    "where it was lost is unknown, since the graph does not say what flowed back along its edges": (
        "그래프에 화살표를 거슬러 흐른 값이 적혀 있지 않아 어디서 사라졌는지 알 수 없음",
        "矢印を逆に流れた値がグラフに記されていないため、どこで失われたかは不明",
    ),
    "record the pass with dzviz.record or dzviz.watch; -T json --full saves it": (
        "역전파를 기록: dzviz.record, dzviz.watch가 기록하고 -T json --full이 저장",
        "逆伝播を記録する: dzviz.record と dzviz.watch が記録し、-T json --full が書き出す",
    ),
    # What an engine's user does.
    "Variables": ("Variable", "Variable"),
    "tensors": ("tensor", "tensor"),
    "jax.numpy": ("jax.numpy", "jax.numpy"),
    "leave the assignment out: a pass from {output} gives the gradient of {output}": (
        "대입을 빼기: {output}에서 시작하는 역전파가 {output}의 기울기를 줌",
        "代入をやめる: {output} からの逆伝播が {output} の勾配を与える",
    ),
    "call {name}.cleargrad() before each pass, unless gradients should add up": (
        "누적하려는 것이 아니면 역전파 전에 매번 {name}.cleargrad()",
        "累積させるのでなければ逆伝播の前に毎回 {name}.cleargrad()",
    ),
    "--retain-grad keeps it; in Python, retain_grad=True": (
        "--retain-grad를 주면 유지됨, 파이썬에서는 retain_grad=True",
        "--retain-grad で保持される、Python では retain_grad=True",
    ),
    "make it a Variable if you want its gradient": (
        "기울기가 필요하면 Variable로 만들기",
        "勾配が必要なら Variable にする",
    ),
    "make it a float: np.asarray({name}, float)": (
        "float로 바꾸기: np.asarray({name}, float)",
        "float にする: np.asarray({name}, float)",
    ),
    "set {name}.grad = None (or call optimizer.zero_grad()) before each pass, unless gradients should add up": (
        "누적하려는 것이 아니면 역전파 전에 매번 {name}.grad = None (또는 optimizer.zero_grad())",
        "累積させるのでなければ逆伝播の前に毎回 {name}.grad = None (または optimizer.zero_grad())",
    ),
    "call retain_grad() on it before the pass; here, --retain-grad keeps it": (
        "역전파 전에 retain_grad()를 부르면 유지됨, 여기서는 --retain-grad",
        "逆伝播の前に retain_grad() を呼べば保持される、ここでは --retain-grad",
    ),
    "give it requires_grad=True if you want its gradient": (
        "기울기가 필요하면 requires_grad=True 지정",
        "勾配が必要なら requires_grad=True を指定",
    ),
    "make it a float: {name}.float().requires_grad_()": (
        "float로 바꾸기: {name}.float().requires_grad_()",
        "float にする: {name}.float().requires_grad_()",
    ),
    "it is the gradient of a single call of jax.grad": (
        "jax.grad를 한 번 부른 값",
        "jax.grad を一度呼んだ値",
    ),
    "--retain-grad keeps it; in Python, retain_grad=True; for jax.grad, make it an argument": (
        "--retain-grad를 주면 유지됨, 파이썬에서는 retain_grad=True; jax.grad라면 인수로 만들기",
        "--retain-grad で保持される、Python では retain_grad=True; jax.grad なら引数にする",
    ),
    "make it an argument of the function if you want its gradient": (
        "기울기가 필요하면 함수의 인수로 만들기",
        "勾配が必要なら関数の引数にする",
    ),
    "make it a float: {name}.astype(float)": (
        "float로 바꾸기: {name}.astype(float)",
        "float にする: {name}.astype(float)",
    ),
    # There is none.
    "no path leads from it to {output}, and where the last one ends is unknown": (
        "이 변수에서 {output}까지 가는 경로가 없고, 마지막 경로가 어디서 끊기는지는 알 수 없음",
        "この変数から {output} へ至る経路がなく、最後の経路がどこで途切れるかは不明",
    ),
    "its only path to {output} ends at {places}": (
        "{output}까지 가는 하나뿐인 경로가 끊기는 곳: {places}",
        "{output} へ至る唯一の経路が途切れる場所: {places}",
    ),
    "its paths to {output} end at {places}": (
        "{output}까지 가는 경로들이 끊기는 곳: {places}",
        "{output} へ至る経路が途切れる場所: {places}",
    ),
    "its only path ends at {place}": (
        "하나뿐인 경로가 끊기는 곳: {place}",
        "唯一の経路が途切れる場所: {place}",
    ),
    "its only path ends at {place}: its result is {dtype}, and whole numbers have no derivative": (
        "하나뿐인 경로가 끊기는 곳: {place}: 결과가 {dtype}이고, 정수에는 미분이 없음",
        "唯一の経路が途切れる場所: {place}: 結果が {dtype} で、整数に微分はない",
    ),
    "a pass computed it and released it, as it does for every intermediate value": (
        "역전파가 계산하고 나서 해제함, 계산된 중간값은 모두 그러함",
        "逆伝播が計算したあと解放した、計算された途中の値はすべてそうなる",
    ),
    "a pass computed it (it was {value}) and released it, as it does for every intermediate value": (
        "역전파가 계산하고 나서 (값 {value}) 해제함, 계산된 중간값은 모두 그러함",
        "逆伝播が計算したあと (値 {value}) 解放した、計算された途中の値はすべてそうなる",
    ),
    "no gradient was asked for ({note})": (
        "기울기를 구하지 않도록 설정됨 ({note})",
        "勾配を求めない設定になっている ({note})",
    ),
    "if you want one, set {name}.requires_grad = True": (
        "기울기가 필요하면 설정: {name}.requires_grad = True",
        "勾配が必要なら設定する: {name}.requires_grad = True",
    ),
    "its data is {dtype}, and whole numbers have no derivative": (
        "data가 {dtype}이고, 정수에는 미분이 없음",
        "data が {dtype} で、整数に微分はない",
    ),
    "its data was changed after its use: its gradient is a part of that of the later data": (
        "쓰인 뒤에 데이터가 바뀜: 기울기는 나중 데이터의 기울기에 포함됨",
        "使われたあとデータが変わった: 勾配は後のデータの勾配に含まれる",
    ),
    "none needed: a leaf has one gradient": (
        "필요 없음: 말단 변수의 기울기는 하나임",
        "不要: 末端の変数の勾配は一つである",
    ),
    "the pass was asked for other gradients only": (
        "역전파에 다른 기울기만 요청됨",
        "逆伝播にはほかの勾配だけが求められた",
    ),
    "name {name} in inputs=..., too, or leave inputs out": (
        "inputs=...에 {name}도 넣거나 inputs를 빼기",
        "inputs=... に {name} も入れるか, inputs を省く",
    ),
    "a pass computed it (it was {value}), and it was set to None since": (
        "역전파가 계산함 (값 {value}), 그 뒤에 None으로 설정됨",
        "逆伝播が計算し (値 {value}), その後 None に設定された",
    ),
    "look at it before it is set to None, as zero_grad() does": (
        "None으로 설정되기 전에 보기, zero_grad()가 그렇게 설정함",
        "None に設定される前に見る, zero_grad() がそう設定する",
    ),
    "a hook changed what reached {name}, {shares}{place}": (
        "훅이 {name}에 온 값 {shares} 바꿈{place}",
        "フックが {name} に届いた値 {shares} を変更{place}",
    ),
    "look at the hooks that are registered on it": (
        "거기에 등록된 훅을 살펴보기",
        "そこに登録されたフックを見る",
    ),
    "it is a constant": ("상수임", "定数である"),
    "it is computed from others ({note})": (
        "다른 변수에서 계산됨 ({note})",
        "ほかの変数から計算された ({note})",
    ),
    "call {name}.retain_grad() before the pass to keep it": (
        "역전파 전에 {name}.retain_grad()를 부르면 유지됨",
        "逆伝播の前に {name}.retain_grad() を呼べば保持される",
    ),
    "no backward pass of {output} has left a gradient here": (
        "{output}의 역전파가 여기에 기울기를 남긴 적이 없음",
        "{output} の逆伝播はここに勾配を残していない",
    ),
    "call {output}.backward() first": (
        "{output}.backward()를 부른 다음에 보기",
        "{output}.backward() を呼んだあとで見る",
    ),
    "{op} cannot be run in reverse{place}, since it is not known in advance how often it runs": (
        "{op}: 몇 번 도는지 미리 알 수 없어 거꾸로 실행할 수 없음{place}",
        "{op}: 何回繰り返すか事前にわからないため逆向きに実行できない{place}",
    ),
    "use lax.scan, or fori_loop with a fixed number of iterations; jax.jvp can go forward through it": (
        "lax.scan, 또는 횟수를 고정한 fori_loop; jax.jvp는 순방향으로 통과함",
        "lax.scan、または回数を固定した fori_loop; jax.jvp は順方向に通れる",
    ),
    "{op} uses it as a condition, which has no slope{place}": (
        "{op}에서 조건으로 쓰임, 조건에는 기울기가 없음{place}",
        "{op} で条件として使われ、条件に勾配はない{place}",
    ),
    "for a soft choice, mix both: m*a + (1 - m)*b": (
        "부드럽게 고르려면 둘을 섞기: m*a + (1 - m)*b",
        "滑らかに選ぶなら両方を混ぜる: m*a + (1 - m)*b",
    ),
    "{op} uses it as class numbers, which have no slope{place}": (
        "{op}에서 클래스 번호로 쓰임, 번호에는 기울기가 없음{place}",
        "{op} でクラス番号として使われ、番号に勾配はない{place}",
    ),
    "none needed, unless you meant probabilities: kl_div": (
        "고칠 것 없음, 확률을 뜻했다면 kl_div",
        "直すところはない、確率のつもりなら kl_div",
    ),
    "{op} uses it as an index, which has no slope{place}": (
        "{op}에서 인덱스로 쓰임, 인덱스에는 기울기가 없음{place}",
        "{op} でインデックスとして使われ、インデックスに勾配はない{place}",
    ),
    "none needed, unless you meant to mix rows: weights @ W": (
        "고칠 것 없음, 행을 섞으려 했다면 weights @ W",
        "直すところはない、行を混ぜるつもりなら weights @ W",
    ),
    "the rule of {op} gives nothing for it (operand {number}){place}": (
        "{op}의 역전파 규칙이 이 피연산자({number})에 아무것도 주지 않음{place}",
        "{op} の逆伝播の規則がこの被演算子 ({number}) に何も返さない{place}",
    ),
    "return a gradient for each operand; {checks} shows what is wrong": (
        "피연산자마다 기울기를 반환하기; 무엇이 틀렸는지는 {checks}에서 확인",
        "被演算子ごとに勾配を返す; 何が誤りかは {checks} で確認",
    ),
    "{word} gives numbers outside the graph: compute with {name} itself there": (
        "{word}의 결과는 그래프와 끊긴 숫자: 그 자리에서 {name} 자체로 계산하기",
        "{word} の結果はグラフと切れた数: そこでは {name} 自体で計算する",
    ),
    "a comparison has no slope: compute with {name} itself, too, or use a smooth form, such as sigmoid(k*(a - b)) for a > b": (
        "비교에는 기울기가 없음: {name} 자체로도 계산하거나 부드러운 꼴을 쓰기, a > b라면 sigmoid(k*(a - b))",
        "比較に勾配はない: {name} 自体でも計算するか滑らかな形を使う、a > b なら sigmoid(k*(a - b))",
    ),
    "it is flat everywhere: do not differentiate through it": (
        "어디서나 평평함: 미분할 식에서 빼기",
        "どこでも平ら: 微分する式から除く",
    ),
    "an index has no slope: use softmax, which gives each element a weight": (
        "인덱스에는 기울기가 없음: 대신 softmax가 원소마다 가중치를 줌",
        "インデックスに勾配はない: 代わりに softmax が要素ごとに重みを与える",
    ),
    "compute with {name} itself there: .data is an array outside the graph": (
        "그 자리에서 {name} 자체로 계산하기: .data는 그래프와 끊긴 배열",
        "そこでは {name} 自体で計算する: .data はグラフと切れた配列",
    ),
    "compute with {name} itself there: .data is outside the graph": (
        "그 자리에서 {name} 자체로 계산하기: .data는 그래프와 끊겨 있음",
        "そこでは {name} 自体で計算する: .data はグラフと切れている",
    ),
    "compute it outside no_grad": ("no_grad 밖에서 계산하기", "no_grad の外で計算する"),
    "compute it outside inference_mode": (
        "inference_mode 밖에서 계산하기",
        "inference_mode の外で計算する",
    ),
    "remove unchain": ("unchain 빼기", "unchain を外す"),
    "remove the detach, or compute with {name} itself there": (
        "detach를 빼거나 그 자리에서 {name} 자체로 계산하기",
        "detach を外すか、そこで {name} 自体で計算する",
    ),
    "remove the stop_gradient, or compute with {name} itself there": (
        "stop_gradient를 빼거나 그 자리에서 {name} 자체로 계산하기",
        "stop_gradient を外すか、そこで {name} 自体で計算する",
    ),
    "a comparison has no slope: compute with {name} itself, too, or use a smooth form": (
        "비교에는 기울기가 없음: {name} 자체로도 계산하거나 부드러운 꼴을 쓰기",
        "比較に勾配はない: {name} 自体でも計算するか滑らかな形を使う",
    ),
    "a Python branch has no slope: for a soft choice, mix both, as in m*a + (1 - m)*b with m = sigmoid(k*{name})": (
        "파이썬의 분기에는 기울기가 없음: 부드럽게 고르려면 둘을 섞기, m*a + (1 - m)*b, m = sigmoid(k*{name})",
        "Python の分岐に勾配はない: 滑らかに選ぶなら両方を混ぜる、m*a + (1 - m)*b、m = sigmoid(k*{name})",
    ),
    "give that pass create_graph=True": (
        "그 역전파에 create_graph=True 주기",
        "その逆伝播に create_graph=True を渡す",
    ),
    "use that result in what is returned, or leave {name} out": (
        "그 결과를 반환값에 쓰거나 {name} 빼기",
        "その結果を戻り値に使うか {name} を外す",
    ),
    "use that name in the last part, or leave {name} out": (
        "그 이름을 마지막 식에 쓰거나 {name} 빼기",
        "その名前を最後の式に使うか {name} を外す",
    ),
    "use {name} in what is returned, or leave it out": (
        "{name} 자체를 반환값에 쓰거나 빼기",
        "{name} を戻り値に使うか外す",
    ),
    "keep computing with {values} from {name} to the output": (
        "{name}에서 출력까지 {values}로만 계산하기",
        "{name} から出力まで {values} のままで計算する",
    ),
    "keep it a float there, or do not differentiate through it": (
        "그 자리에서 float로 두거나 미분할 식에서 빼기",
        "そこで float のままにするか、微分する式から除く",
    ),
    # All of it is 0.
    "{op} is off and sends nothing back: {seen}{place}": (
        "{op}: 꺼져 있어 아무것도 돌려보내지 않음: {seen}{place}",
        "{op}: オフで何も送り返さない: {seen}{place}",
    ),
    "its elements in {name} are not above 0": (
        "{name} 가운데 이 변수에 속한 원소가 0보다 크지 않음",
        "{name} のうちこの変数の要素が 0 より大きくない",
    ),
    "no element above 0 received a gradient": (
        "0보다 큰 원소에 돌아온 것이 없음",
        "0 より大きい要素に戻ってきたものがない",
    ),
    "no element of {name} is above 0 {span}": (
        "{name}에 0보다 큰 원소가 없음 {span}",
        "{name} に 0 より大きい要素がない {span}",
    ),
    "{value} is not above 0": ("{value}, 0보다 크지 않음", "{value}、0 より大きくない"),
    "use leaky_relu, softplus or gelu, which have a slope below 0, too; or start from values above 0": (
        "leaky_relu, softplus, gelu는 0 아래에서도 기울기가 있음; 또는 0보다 큰 값에서 시작하기",
        "leaky_relu、softplus、gelu は 0 以下でも勾配がある; または 0 より大きい値から始める",
    ),
    "use logsumexp, a soft maximum in which each operand has a share; or change the values": (
        "logsumexp는 모든 피연산자가 기여하는 부드러운 최댓값; 또는 값을 바꾸기",
        "logsumexp はどの被演算子も寄与する滑らかな最大値; または値を変える",
    ),
    "{op} takes elements other than those in question{place}": (
        "{op}: 보려는 것과 다른 원소를 고름{place}",
        "{op}: 対象とは別の要素を選ぶ{place}",
    ),
    "{op} takes other elements, and those that it does not take get nothing{place}": (
        "{op}: 다른 원소를 고르고, 고르지 않은 것은 아무것도 받지 않음{place}",
        "{op}: 別の要素を選び、選ばれないものは何も受け取らない{place}",
    ),
    "{op} takes {taken} instead of {value}, and the operand that it does not take gets nothing{place}": (
        "{op}: {value} 대신 {taken} 선택, 고르지 않은 것은 아무것도 받지 않음{place}",
        "{op}: {value} の代わりに {taken} を選び、選ばれないものは何も受け取らない{place}",
    ),
    "the mask of {op} takes the other operand at its elements{place}": (
        "{op}의 마스크가 이 변수의 원소 자리에서 다른 피연산자를 고름{place}",
        "{op} のマスクがこの変数の要素の位置で別の被演算子を選ぶ{place}",
    ),
    "the mask of {op} takes the other operand wherever a gradient came back{place}": (
        "{op}의 마스크가 값이 돌아온 모든 자리에서 다른 피연산자를 고름{place}",
        "{op} のマスクが値の戻ったすべての位置で別の被演算子を選ぶ{place}",
    ),
    "give it a mask that takes this operand somewhere, or mix both: m*a + (1 - m)*b": (
        "어디선가 이 피연산자를 고르는 마스크를 주거나 둘을 섞기: m*a + (1 - m)*b",
        "どこかでこの被演算子を選ぶマスクにするか、両方を混ぜる: m*a + (1 - m)*b",
    ),
    "its elements": ("이 변수의 원소", "この変数の要素"),
    "{op} holds {value} at a bound, where it is flat{place}": (
        "{op}: {value}, 경계에 묶여 있고 그곳은 평평함{place}",
        "{op}: {value}、境界に止まり、そこは平ら{place}",
    ),
    "widen the bounds, or use tanh or sigmoid, which are never completely flat": (
        "경계를 넓히거나, 완전히 평평해지지 않는 tanh나 sigmoid 쓰기",
        "境界を広げるか、完全には平らにならない tanh や sigmoid を使う",
    ),
    "{op} is flat everywhere except where it jumps{place}": (
        "{op}: 불연속인 곳 말고는 어디서나 평평함{place}",
        "{op}: 跳ぶところ以外はどこでも平ら{place}",
    ),
    "do not differentiate through it, or use a smooth form: sigmoid(k*x) for a step": (
        "미분할 식에서 빼거나 부드러운 꼴 쓰기: 계단 대신 sigmoid(k*x)",
        "微分する式から除くか滑らかな形を使う: 階段の代わりに sigmoid(k*x)",
    ),
    "{op} leaves out all elements in question{place}": (
        "{op}: 보려는 원소를 모두 빼고 고름{place}",
        "{op}: 対象の要素をすべて除いて選ぶ{place}",
    ),
    "check that the index, or the mask of a dropout, is the one you meant": (
        "인덱스나 드롭아웃의 마스크가 의도한 것인지 확인하기",
        "インデックスやドロップアウトのマスクが意図どおりか確認する",
    ),
    "{op} overwrites all elements in question{place}": (
        "{op}: 보려는 원소를 모두 덮어씀{place}",
        "{op}: 対象の要素をすべて上書きする{place}",
    ),
    "write into another array, or leave out what is overwritten": (
        "다른 배열에 쓰거나, 덮어써지는 것을 빼기",
        "別の配列に書くか、上書きされるものを除く",
    ),
    "start from a value other than 0 (for weights, small random numbers), or leave it out": (
        "0이 아닌 값에서 시작하거나 (가중치라면 작은 난수) 빼기",
        "0 以外の値から始める (重みなら小さな乱数) か外す",
    ),
    "{op} multiplies it by the constant 0{place}": (
        "{op}: 상수 0을 곱함{place}",
        "{op}: 定数 0 を掛ける{place}",
    ),
    "{op} multiplies it by {name}, which is 0{place}": (
        "{op}: 곱하는 {name}의 값이 0{place}",
        "{op}: 掛ける {name} の値が 0{place}",
    ),
    "{op} multiplies it by {name}, which is 0 there{place}": (
        "{op}: 곱하는 {name}의 값이 그 자리에서 0{place}",
        "{op}: 掛ける {name} の値がそこで 0{place}",
    ),
    "{op} multiplies it by {name}, which is 0 wherever a gradient came back{place}": (
        "{op}: 곱하는 {name}의 값이 값이 돌아온 모든 자리에서 0{place}",
        "{op}: 掛ける {name} の値が、値の戻ったすべての位置で 0{place}",
    ),
    "{op} multiplies each element by the others, of which one is 0{place}": (
        "{op}: 각 원소에 나머지를 곱하는데 그중 하나가 0{place}",
        "{op}: 各要素にほかの要素を掛け、その 1 つが 0{place}",
    ),
    "what came back to {op}, {values}, times {name}, adds up to 0{place}": (
        "{op}에 돌아온 값 {values}에 {name}의 값을 곱한 것의 합이 0{place}",
        "{op} に戻った値 {values} に {name} の値を掛けたものの和が 0{place}",
    ),
    "what came back to {op}, {values}, times its slope, adds up to 0{place}": (
        "{op}에 돌아온 값 {values}에 그 미분을 곱한 것의 합이 0{place}",
        "{op} に戻った値 {values} にその傾きを掛けたものの和が 0{place}",
    ),
    "what {op} sends back is too small for a {dtype}, which makes it 0{place}": (
        "{op}의 결과가 돌려보내는 값이 {dtype}에는 너무 작아 0이 됨{place}",
        "{op} の返す値が {dtype} には小さすぎて 0 になる{place}",
    ),
    "scale the values, or compute with their logarithms": (
        "값의 크기를 바꾸거나 로그로 계산하기",
        "値の大きさを変えるか、対数で計算する",
    ),
    "{op} divides by {value}, and what is divided by an infinity is 0{place}": (
        "{op}: 분모가 {value}, 무한대로 나눈 값은 0{place}",
        "{op}: 分母が {value}、無限大で割った値は 0{place}",
    ),
    "check where the denominator comes from": (
        "분모의 출처를 확인하기",
        "分母の出どころを確かめる",
    ),
    "{op} divides {name}, which is 0 wherever a gradient came back{place}": (
        "{op}: 분자 {name}의 값이 값이 돌아온 모든 자리에서 0{place}",
        "{op}: 分子 {name} の値が、値の戻ったすべての位置で 0{place}",
    ),
    "{op} is 0: each label has the probability 1 already: {value}{place}": (
        "{op}의 값이 0, 모든 레이블의 확률이 이미 1: {value}{place}",
        "{op} の値が 0、すべてのラベルの確率がすでに 1: {value}{place}",
    ),
    "nothing is left to learn here; if that is too early, keep its operand small (smaller weights, a normalization)": (
        "더 배울 것이 없음; 너무 이르다면 피연산자를 작게 하기 (작은 가중치, 정규화)",
        "学ぶことが残っていない; 早すぎるなら被演算子を小さくする (小さい重み、正規化)",
    ),
    "{op} divides {value}: that stays 0 whatever it is divided by{place}": (
        "{op}: 분자가 {value}, 무엇으로 나누어도 0{place}",
        "{op}: 分子が {value}、何で割っても 0{place}",
    ),
    "start from a numerator that is not 0": (
        "0이 아닌 분자에서 시작하기",
        "0 でない分子から始める",
    ),
    "what came back to {op}, {values}, adds up to 0{place}": (
        "{op}에 돌아온 값 {values}의 합이 0{place}",
        "{op} に戻った値 {values} の和が 0{place}",
    ),
    "the output does not change with it: check for a wrong sign, or leave it out": (
        "출력이 이 변수에 따라 바뀌지 않음: 부호가 틀렸는지 보고, 아니면 빼기",
        "出力がこの変数で変わらない: 符号の誤りを確かめ、なければ外す",
    ),
    "a value made by {op}": ("{op}의 결과", "{op} の結果"),
    "{name} is used {count} times, and its shares {shares} add up to 0{place}": (
        "{name}: {count}번 쓰이고 기여 {shares}의 합이 0{place}",
        "{name}: {count} 回使われ、寄与 {shares} の和が 0{place}",
    ),
    "{name} is used {count} times, and its shares {shares} add up to 0, except for rounding error{place}": (
        "{name}: {count}번 쓰이고 기여 {shares}의 합이 반올림 오차를 빼면 0{place}",
        "{name}: {count} 回使われ、寄与 {shares} の和が丸め誤差を除けば 0{place}",
    ),
    "its uses cancel each other: check for a wrong sign, or leave it out": (
        "쓰인 곳끼리 서로 상쇄함: 부호가 틀린 것이 있는지 보고, 아니면 빼기",
        "使用箇所どうしが打ち消し合う: 符号の誤りを確かめ、なければ外す",
    ),
    "the graph does not show where it was lost": (
        "그래프에서 어디서 사라졌는지 알 수 없음",
        "グラフからはどこで失われたかわからない",
    ),
    "record the pass": ("역전파를 기록하기", "逆伝播を記録する"),
    "the pass started from 0 at {name}": (
        "역전파가 {name}에서 0으로 시작함",
        "逆伝播が {name} で 0 から始まった",
    ),
    "start it from 1: call backward without assigning grad first": (
        "1에서 시작하기: grad에 대입하지 않고 backward 호출",
        "1 から始める: grad に代入せずに backward を呼ぶ",
    ),
    "{value} ({part} of what reached it is left)": (
        "{value} (도달한 값의 {part}만 남음)",
        "{value} (届いた値の {part} だけが残る)",
    ),
    "{op} underflows: its result is 0 in {dtype}, and so is its slope: {value}{place}": (
        "{op}: 언더플로, 결과가 {dtype}에서 0이고 기울기도 0: {value}{place}",
        "{op}: アンダーフロー、結果が {dtype} で 0 になり、傾きも 0: {value}{place}",
    ),
    "{op} is nearly flat: {value}{place}": (
        "{op}: 거의 평평함: {value}{place}",
        "{op}: ほぼ平ら: {value}{place}",
    ),
    "start from another value": ("다른 값에서 시작하기", "別の値から始める"),
    "{op} is nearly 0, and so is its slope: {value}{place}": (
        "{op}: 결과가 거의 0이고 기울기도 거의 0: {value}{place}",
        "{op}: 結果がほぼ 0 で、傾きもほぼ 0: {value}{place}",
    ),
    "{op} is 0, or nearly 0, at the elements in question, and so is its slope{place}": (
        "{op}: 보려는 원소에서 결과가 0이거나 거의 0이고 기울기도 그러함{place}",
        "{op}: 対象の要素で結果が 0 かほぼ 0 であり、傾きも同じ{place}",
    ),
    "start where its result is not that small, or compute with its logarithm: the operand": (
        "결과가 그렇게 작지 않은 곳에서 시작하거나, 결과의 로그인 피연산자로 계산하기",
        "結果がそれほど小さくない所から始めるか、結果の対数である被演算子で計算する",
    ),
    "{op} is saturated: {value}{place}": (
        "{op}: 포화됨: {value}{place}",
        "{op}: 飽和している: {value}{place}",
    ),
    "keep its operand small (smaller weights, a normalization), or compute the loss from the logits: softplus, log_softmax, softmax_cross_entropy": (
        "피연산자를 작게 하거나 (작은 가중치, 정규화) 로짓에서 손실을 계산하기: softplus, log_softmax, softmax_cross_entropy",
        "被演算子を小さくする (小さい重み、正規化) か、ロジットから損失を計算する: softplus、log_softmax、softmax_cross_entropy",
    ),
    "the outputs of {op} that always add up to 1 all received the same gradient": (
        "{op}의 출력 가운데 합이 늘 1인 것들이 모두 같은 값을 돌려받음",
        "{op} の出力のうち和が常に 1 になるものが、すべて同じ値を受け取った",
    ),
    "the outputs of {op} that always have the same mean all received the same gradient": (
        "{op}의 출력 가운데 평균이 늘 같은 것들이 모두 같은 값을 돌려받음",
        "{op} の出力のうち平均が常に同じものが、すべて同じ値を受け取った",
    ),
    "{why}, so only rounding error is left": (
        "{why}, 반올림 오차만 남음",
        "{why}、丸め誤差だけが残る",
    ),
    "weight them differently, as in a cross entropy with the right class": (
        "출력마다 다르게 반영하기, 정답 클래스와의 교차 엔트로피처럼",
        "出力ごとに異なる重みで数える、正解クラスとの交差エントロピーのように",
    ),
    "the rule of {op} gives 0 for the elements in question{place}": (
        "{op}의 역전파 규칙이 보려는 원소에 0을 줌{place}",
        "{op} の逆伝播の規則が対象の要素に 0 を返す{place}",
    ),
    "the rule of {op} gives 0 for {value}{place}": (
        "{op}의 역전파 규칙이 0을 줌, {value}{place}",
        "{op} の逆伝播の規則が 0 を返す、{value}{place}",
    ),
    "if its slope is not 0 there, nor too small for a float, the rule is wrong ({checks} shows it); otherwise, start from another value": (
        "그곳의 기울기가 0이 아니고 부동소수점에 너무 작지도 않다면 규칙이 틀린 것, {checks}에서 확인; 아니면 다른 값에서 시작하기",
        "そこでの勾配が 0 でなく、浮動小数点数に小さすぎもしないなら規則の誤り、{checks} で確認; そうでなければ別の値から始める",
    ),
    # Some of it is not finite.
    "the pass started from a value that is not finite at {name}": (
        "역전파가 {name}에서 유한하지 않은 값으로 시작함",
        "逆伝播が {name} で有限でない値から始まった",
    ),
    "start it from 1": ("1에서 시작하기", "1 から始める"),
    "a NaN": ("NaN", "NaN"),
    "an infinity": ("무한대", "無限大"),
    "{name} itself holds {kind}{at}": (
        "{name} 자체에 들어 있는 값: {kind}{at}",
        "{name} 自体に含まれる値: {kind}{at}",
    ),
    "check where {name} comes from, and remove what is not finite": (
        "{name}의 출처를 보고 유한하지 않은 값을 없애기",
        "{name} の出どころを見て、有限でない値を取り除く",
    ),
    "in the forward pass, {op} made the first {kind}{at}{seen}{place}": (
        "순전파에서 {op}의 결과가 첫 {kind}{at}{seen}{place}",
        "順伝播で {op} の結果が最初の {kind}{at}{seen}{place}",
    ),
    "in the backward pass, {op} made the first {kind}: {by}{place}": (
        "역전파에서 {op}의 결과가 첫 {kind}: {by}{place}",
        "逆伝播で {op} の結果が最初の {kind}: {by}{place}",
    ),
    "0 times an infinite slope": ("0 곱하기 무한대의 기울기", "0 掛ける無限大の傾き"),
    "its rule gives {kind}": ("역전파 규칙의 결과가 {kind}", "逆伝播の規則の結果が {kind}"),
    "{what} for {value}": ("{what}, {value}일 때", "{what}、{value} のとき"),
    ", where {values}": (", {values}일 때", ", {values} のとき"),
    "({count} of {all} elements, first at {place})": (
        "(원소 {all}개 중 {count}개, 첫 위치 {place})",
        "(要素 {all} 個のうち {count} 個、最初の位置 {place})",
    ),
    "{why}; it spread to {count} of {all} inputs": (
        "{why}; 입력 {all}개 중 {count}개에 퍼짐",
        "{why}; 入力 {all} 個のうち {count} 個に広がった",
    ),
    "keep its operand above -1, as in log1p(clip(x, -1 + 1e-12, 1))": (
        "피연산자를 -1보다 크게 유지하기: log1p(clip(x, -1 + 1e-12, 1))",
        "被演算子を -1 より大きく保つ: log1p(clip(x, -1 + 1e-12, 1))",
    ),
    "keep its operand above 0, as in log(x + 1e-12) or log(clip(x, 1e-12, 1))": (
        "안의 값을 0보다 크게 유지하기, log(x + 1e-12)나 log(clip(x, 1e-12, 1))처럼",
        "中の値を 0 より大きく保つ、log(x + 1e-12) や log(clip(x, 1e-12, 1)) のように",
    ),
    "keep its operand above 0, as in sqrt(x + 1e-12)": (
        "안의 값을 0보다 크게 유지하기, sqrt(x + 1e-12)처럼",
        "中の値を 0 より大きく保つ、sqrt(x + 1e-12) のように",
    ),
    "keep it away from 0, as in sqrt(sum(x**2) + 1e-12)": (
        "0에서 떨어뜨리기, sqrt(sum(x**2) + 1e-12)처럼",
        "0 から離す、sqrt(sum(x**2) + 1e-12) のように",
    ),
    "keep the denominator away from 0, as in a / (b + 1e-12)": (
        "분모를 0에서 떨어뜨리기, a / (b + 1e-12)처럼",
        "分母を 0 から離す、a / (b + 1e-12) のように",
    ),
    "keep it away from 0, as in 1 / (b + 1e-12)": (
        "0에서 떨어뜨리기, 1 / (b + 1e-12)처럼",
        "0 から離す、1 / (b + 1e-12) のように",
    ),
    "write log_softmax(x), which takes the logarithm before anything is rounded to 0": (
        "log_softmax(x)로 쓰기: 무엇이든 0으로 반올림되기 전에 로그를 구함",
        "log_softmax(x) と書く: 何かが 0 に丸められる前に対数を取る",
    ),
    "write -softplus(-x), which is log(sigmoid(x)) before anything is rounded to 0": (
        "-softplus(-x)로 쓰기: 무엇이든 0으로 반올림되기 전의 log(sigmoid(x))",
        "-softplus(-x) と書く: 何かが 0 に丸められる前の log(sigmoid(x))",
    ),
    "subtract the maximum first, as logsumexp and softmax do": (
        "먼저 최댓값을 빼기: logsumexp와 softmax는 그렇게 함",
        "先に最大値を引く: logsumexp と softmax はそうしている",
    ),
    "keep the base above 0": ("밑을 0보다 크게 유지하기", "底を 0 より大きく保つ"),
    "keep it inside (-1, 1), as in clip(x, -1 + 1e-7, 1 - 1e-7)": (
        "(-1, 1) 안에 두기, clip(x, -1 + 1e-7, 1 - 1e-7)처럼",
        "(-1, 1) の中に保つ、clip(x, -1 + 1e-7, 1 - 1e-7) のように",
    ),
    "a mask does not help if the other branch is not finite: give that branch a harmless operand first, as in where(c, log(where(c, x, 1)), 0)": (
        "다른 쪽이 유한하지 않으면 마스크로 막을 수 없음: 먼저 안전한 피연산자를 주기, where(c, log(where(c, x, 1)), 0)처럼",
        "もう一方が有限でなければマスクでは防げない: 先に安全な被演算子を渡す、where(c, log(where(c, x, 1)), 0) のように",
    ),
    "keep its operands where its result is finite": (
        "피연산자를 결과가 유한한 범위에 두기",
        "被演算子を結果が有限な範囲に保つ",
    ),
    # Marks of a sweep.
    "{what} {span}": ("{what}, {span}", "{what}、{span}"),
    "{name} is above 1e7 in size": ("{name}의 크기가 1e7을 넘음", "{name} の大きさが 1e7 を超える"),
    "below 1e-7 in size": ("크기 1e-7 미만", "大きさ 1e-7 未満"),
    "{first} or {last}": ("{first} 또는 {last}", "{first} または {last}"),
    "{name} is {what}": ("{name} = {what}", "{name} = {what}"),
    "derivation": ("미분 과정", "微分の過程"),
    # Gains.
    "op": ("연산", "演算"),
    "to": ("대상 값", "宛先"),
    "gain": ("배율", "倍率"),
    "came": ("받음", "受け取り"),
    "sent": ("보냄", "送り"),
    "operand {number}": ("피연산자 {number}", "被演算子 {number}"),
    "{text}, {count} times": ("{text}, {count}회", "{text}、{count} 回"),
    "about {value}": ("약 {value}", "約 {value}"),
    "{name}: {product} along the strongest path": (
        "{name}: 가장 강한 경로에서 {product}",
        "{name}: 最も強い経路で {product}",
    ),
    "{text}, {product} along the weakest": (
        "{text}, 가장 약한 경로에서 {product}",
        "{text}、最も弱い経路で {product}",
    ),
    "{text}; below 1e-7 from {place}": (
        "{text}; {place}부터 1e-7 미만",
        "{text}; {place} から 1e-7 未満",
    ),
    "{text}; above 1e7 from {place}": (
        "{text}; {place}부터 1e7 초과",
        "{text}; {place} から 1e7 超",
    ),
    "{text}; on the weakest path below 1e-7 from {place}": (
        "{text}; 가장 약한 경로에서 {place}부터 1e-7 미만",
        "{text}; 最も弱い経路で {place} から 1e-7 未満",
    ),
    "{text}; on the weakest path above 1e7 from {place}": (
        "{text}; 가장 약한 경로에서 {place}부터 1e7 초과",
        "{text}; 最も弱い経路で {place} から 1e7 超",
    ),
    "{text}; as small as {value} after {place}": (
        "{text}; {place} 뒤에 {value}까지 작아짐",
        "{text}; {place} の後で {value} まで小さくなる",
    ),
    "{text}; as large as {value} after {place}": (
        "{text}; {place} 뒤에 {value}까지 커짐",
        "{text}; {place} の後で {value} まで大きくなる",
    ),
    "{text}; on the weakest path as small as {value} after {place}": (
        "{text}; 가장 약한 경로에서 {place} 뒤에 {value}까지 작아짐",
        "{text}; 最も弱い経路で {place} の後で {value} まで小さくなる",
    ),
    "{text}; on the weakest path as large as {value} after {place}": (
        "{text}; 가장 약한 경로에서 {place} 뒤에 {value}까지 커짐",
        "{text}; 最も弱い経路で {place} の後で {value} まで大きくなる",
    ),
    "products of gains from 1e-7 to 1e7 count as usual": (
        "배율의 곱이 1e-7 이상 1e7 이하이면 정상으로 봄",
        "倍率の積が 1e-7 以上 1e7 以下なら正常とみなす",
    ),
    "{text}, time {time} of {times}, {left} before the end": (
        "{text}, {times}회 중 {time}회째, 끝에서 {left}번째",
        "{text}、{times} 回中 {time} 回目、終わりから {left} 番目",
    ),
    "{count} op received only 0: dzviz why says where the gradient was lost": (
        "연산 {count}개는 0만 받음: 기울기가 어디에서 사라졌는지는 dzviz why가 알려 줌",
        "演算 {count} 個は 0 だけを受け取った: 勾配がどこで失われたかは dzviz why が示す",
    ),
    "{count} ops received only 0: dzviz why says where the gradient was lost": (
        "연산 {count}개는 0만 받음: 기울기가 어디에서 사라졌는지는 dzviz why가 알려 줌",
        "演算 {count} 個は 0 だけを受け取った: 勾配がどこで失われたかは dzviz why が示す",
    ),
    "the gain of {count} op is not known: of large arrays, the graph has only the first and last elements": (
        "연산 {count}개의 배율은 알 수 없음: 큰 배열은 그래프에 처음과 끝의 원소만 있음",
        "演算 {count} 個の倍率は不明: 大きい配列はグラフに最初と最後の要素しかない",
    ),
    "the gain of {count} ops is not known: of large arrays, the graph has only the first and last elements": (
        "연산 {count}개의 배율은 알 수 없음: 큰 배열은 그래프에 처음과 끝의 원소만 있음",
        "演算 {count} 個の倍率は不明: 大きい配列はグラフに最初と最後の要素しかない",
    ),
    # A comparison of two graphs.
    "first difference, forward: {what}": ("첫 차이, 순전파: {what}", "最初の違い、順伝播: {what}"),
    "first difference, backward: {what}": ("첫 차이, 역전파: {what}", "最初の違い、逆伝播: {what}"),
    "no difference: {what} agree": ("차이 없음: {what} 일치", "違いなし: {what} が一致"),
    "nothing could be compared": ("비교할 수 있는 것이 없음", "比較できるものがない"),
    "no difference: {what} agrees": ("차이 없음: {what} 일치", "違いなし: {what} が一致"),
    "{what} differ": ("{what} 다름", "{what} が違う"),
    "{what} differs": ("{what} 다름", "{what} が違う"),
    "{some} of {all}": ("{all} 중 {some}개", "{all} のうち {some} 個"),
    "{count} value": ("값 {count}개", "値 {count} 個"),
    "{count} values": ("값 {count}개", "値 {count} 個"),
    "{count} gradient": ("기울기 {count}개", "勾配 {count} 個"),
    "{count} gradients": ("기울기 {count}개", "勾配 {count} 個"),
    "{count} share": ("기여 {count}개", "寄与 {count} 個"),
    "{count} shares": ("기여 {count}개", "寄与 {count} 個"),
    "{count} node": ("노드 {count}개", "ノード {count} 個"),
    "{count} nodes": ("노드 {count}개", "ノード {count} 個"),
    "{nodes} only in {name}: {ops}": (
        "{name}에만 있는 {nodes}: {ops}",
        "{name} だけにある {nodes}: {ops}",
    ),
    "equal within {tolerance}": (
        "같다고 보는 범위: {tolerance}",
        "等しいとみなす範囲: {tolerance}",
    ),
    "{text}; not known on one side: {what}": (
        "{text}; 한쪽에서 알 수 없음: {what}",
        "{text}; 片方で不明: {what}",
    ),
    "{name} has no gradients: only the forward pass is compared": (
        "{name}에 기울기가 없음: 순전파만 비교",
        "{name} に勾配がない: 順伝播だけを比較",
    ),
    "neither graph has gradients: only the forward pass is compared": (
        "두 그래프 모두 기울기가 없음: 순전파만 비교",
        "どちらのグラフにも勾配がない: 順伝播だけを比較",
    ),
    "renamed: {what}": ("이름이 바뀜: {what}", "名前の変更: {what}"),
    "in other steps: {what}": ("다른 단계로 계산: {what}", "別の手順で計算: {what}"),
    "types: {what}": ("자료형: {what}", "型: {what}"),
    "what": ("무엇", "種類"),
    "where": ("위치", "場所"),
    "gradient": ("기울기", "勾配"),
    "added": ("추가", "追加"),
    "removed": ("제거", "削除"),
    "moved": ("이동", "移動"),
    "and {count} more; -T json has all": (
        "그 밖에 {count}개; 전부는 -T json",
        "ほか {count} 個; すべては -T json",
    ),
    "output of {side} that matches no output of {other}: {names}": (
        "{other}에 대응하는 출력이 없는 {side}의 출력: {names}",
        "{other} に対応する出力がない {side} の出力: {names}",
    ),
    "outputs of {side} that match no output of {other}: {names}": (
        "{other}에 대응하는 출력이 없는 {side}의 출력: {names}",
        "{other} に対応する出力がない {side} の出力: {names}",
    ),
    "number {number}": ("{number}번째", "{number} 番目"),
    "only in {side}: {where}": ("{side}에만 있음: {where}", "{side} だけにある: {where}"),
    "{where}": ("{where}", "{where}"),
    "shape of {where}": ("{where}의 형상", "{where} の形状"),
    "op of {where}": ("{where}의 연산", "{where} の演算"),
    "output of {where}": ("{where}의 출력", "{where} の出力"),
    "gradient of {where}": ("{where}의 기울기", "{where} の勾配"),
    "share of {where}": ("{where}의 기여", "{where} の寄与"),
    "moved: {where}": ("이동: {where}", "移動: {where}"),
    "an output": ("출력임", "出力"),
    "None": ("None", "None"),
    "operands of {op}": ("{op}의 피연산자", "{op} の被演算子"),
    "constant of {op}": ("{op}의 상수", "{op} の定数"),
    "input {name}": ("입력 {name}", "入力 {name}"),
    "{name} through {op}": ("{op}: {name}", "{op}: {name}"),
    "{name}, {other} in B": ("{name}, B에서는 {other}", "{name}、B では {other}"),
    "{name} and {count} more": ("{name} 외 {count}개", "{name} ほか {count} 個"),
    "{shape}, largest {value}": ("{shape}, 최대 {value}", "{shape}、最大 {value}"),
    # A trace.
    "step": ("단계", "ステップ"),
    "pass": ("방향", "向き"),
    "event": ("이벤트", "イベント"),
    "about": ("대상", "対象"),
    "value": ("값", "値"),
    "waiting": ("대기", "待機"),
    "seed": ("seed", "seed"),
    "pop": ("꺼냄", "取り出し"),
    "rule": ("규칙", "規則"),
    "sum": ("합", "和"),
    "set": ("설정", "設定"),
    "keep": ("유지", "保持"),
    "release": ("해제", "解放"),
}
