"""Traditional characters turned into simplified ones, so that both spellings of a matter compare alike.

The characters of civic matters and addresses, one for one; it is for comparing only, never for showing.
"""

from __future__ import annotations

_TRADITIONAL = (
    "個們為這來時會說對過學還後麼開點進樣從實樓號單門戶區縣鎮鄉處園團場廠橋馬車運輸電話報導問題設備廢棄雜"
    "積亂佔擋擾響聲煙塵氣壓裝築違規劃遷補償費錢賣買錄據認證識請訴訪調決議達應當務業職責權員黨黃綠紅藍燈線"
    "纜網絡絕緣熱燒給斷續漲滲濕爛壞損傷險頂層牆磚鋪陽臺臨邊際護欄攔騎動蓋溝閘壩灣濱渾濁髒蟲貓鳥養雞鴨魚豬"
    "飼餵樹葉幹葦種藝環衛潔掃滿農資產屬遺書錶錯誤選擇擔憂愛親鄰鬧歡樂廣隊組織機構關係統總監審計財經濟價標"
    "準則項額負興衝沖擊減災難習練講課兒齡齒醫療藥婦殘殺滅蠅傳離檢測驗載貨輛駕駛趕緊圍斃貼寫畫圖帳賬飯館廚"
    "餘鹼鹽歲歷曆舊東兩側內裡裏圓島嶼鐵軌鋼漿纖維條縫紋頁冊凍結凈淨靜寧夢幫顧慮營執罰嚴肅與並佈併傑僅儀億"
    "優儲兇劇剛創勁勞勢勝勵勻匯協卻廳參雙發變嗎嘆嚇壘壽夾奪奮婁孫宮寢寬"
)
_SIMPLIFIED = (
    "个们为这来时会说对过学还后么开点进样从实楼号单门户区县镇乡处园团场厂桥马车运输电话报导问题设备废弃杂"
    "积乱占挡扰响声烟尘气压装筑违规划迁补偿费钱卖买录据认证识请诉访调决议达应当务业职责权员党黄绿红蓝灯线"
    "缆网络绝缘热烧给断续涨渗湿烂坏损伤险顶层墙砖铺阳台临边际护栏拦骑动盖沟闸坝湾滨浑浊脏虫猫鸟养鸡鸭鱼猪"
    "饲喂树叶干苇种艺环卫洁扫满农资产属遗书表错误选择担忧爱亲邻闹欢乐广队组织机构关系统总监审计财经济价标"
    "准则项额负兴冲冲击减灾难习练讲课儿龄齿医疗药妇残杀灭蝇传离检测验载货辆驾驶赶紧围毙贴写画图账账饭馆厨"
    "余碱盐岁历历旧东两侧内里里圆岛屿铁轨钢浆纤维条缝纹页册冻结净净静宁梦帮顾虑营执罚严肃与并布并杰仅仪亿"
    "优储凶剧刚创劲劳势胜励匀汇协却厅参双发变吗叹吓垒寿夹夺奋娄孙宫寝宽"
)
_TABLE = str.maketrans(_TRADITIONAL, _SIMPLIFIED)


def simplify(text: str) -> str:
    """Return a text in simplified characters, as far as the table goes; its length stays."""
    return text.translate(_TABLE)
